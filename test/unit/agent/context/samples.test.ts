import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { readUserData } from '../../../../agent/context/formats/read-user-data.ts';
import { parseContext, parseLifeline } from '../../../../agent/context/parse.ts';

const FOLDER = join(import.meta.dirname, '../../../../cloud-init/samples');
const read = (name: string): Buffer => readFileSync(join(FOLDER, name));

describe.each(readdirSync(FOLDER))('the sample %s', name => {
  test('is a cloud-config whose files are a valid context', () => {
    const texts = readUserData(name, read(name));
    expect(texts.length).toBeGreaterThan(0);
    expect(parseContext(texts).context.version).toBe(1);
  });

  test('has a lifeline that stands by itself', () => {
    const [first] = readUserData(name, read(name));
    expect(first === undefined ? undefined : parseLifeline(first).lifeline.receiver?.url).toMatch(
      /^https:/,
    );
  });

  test('writes its files closed to others', () => {
    const text = read(name).toString('utf8');
    expect(text.match(/path: \/etc\/pilotage/g)?.length).toBe(
      text.match(/permissions: '0600'/g)?.length,
    );
  });
});

test('an error inside a cloud-config names the line of the cloud-config', () => {
  const text = [
    '#cloud-config',
    'write_files:',
    '  - path: /etc/pilotage/context.d/50-site.yaml',
    '    content: |',
    '      version: 1',
    '      pilotz: 3',
  ].join('\n');
  expect(() => parseContext(readUserData('user-data', Buffer.from(text)))).toThrow(
    /^user-data:6: pilotz: /,
  );
});
