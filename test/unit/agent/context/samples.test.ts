import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { readUserData } from '../../../../agent/context/formats/read-user-data.ts';
import { parseContext, parseLifeline } from '../../../../agent/context/parse.ts';
import { STAND_INS } from '../../../../agent/context/vm-facts.ts';
import { PATHS } from '../../../../agent/paths.ts';

const FOLDER = join(import.meta.dirname, '../../../../cloud-init/samples');
const read = (name: string): Buffer => readFileSync(join(FOLDER, name));

interface SampleFile {
  path: string;
  permissions: string;
  content: string;
}
const filesOf = (name: string): SampleFile[] => parse(read(name).toString('utf8')).write_files;

/** A lone user's VM reports to nobody. */
const WITHOUT_RECEIVER = ['single-user.yaml'];

describe.each(readdirSync(FOLDER))('the sample %s', name => {
  test('is a cloud-config whose files are a valid context', () => {
    const texts = readUserData(name, read(name));
    expect(texts.length).toBeGreaterThan(0);
    expect(parseContext(texts, STAND_INS).context.version).toBe(1);
  });

  test('has a lifeline that stands by itself, or no receiver at all', () => {
    const texts = readUserData(name, read(name));
    if (WITHOUT_RECEIVER.includes(name))
      return expect(parseContext(texts, STAND_INS).context.receiver).toBeUndefined();
    const [first = { name: '', text: '' }] = texts;
    return expect(parseLifeline(first, STAND_INS).lifeline.receiver?.url).toMatch(/^https:/);
  });

  test('runs pilots', () => {
    expect(parseContext(readUserData(name, read(name)), STAND_INS).context.pilots).toBeDefined();
  });

  test('writes its contexts closed to others, and everything with its permissions', () => {
    for (const { path, permissions } of filesOf(name))
      expect([path, permissions]).toEqual([
        path,
        path.startsWith(`${PATHS.context}/`) ? '0600' : expect.stringMatching(/^0(?:644|755)$/),
      ]);
  });

  test('has placeholders where secrets would be', () => {
    const { receiver, credentials } = parseContext(
      readUserData(name, read(name)),
      STAND_INS,
    ).context;
    const secrets = [receiver?.enrolmentSecret ?? '', ...credentials.map(one => one.content)];
    for (const secret of secrets.filter(one => one !== ''))
      expect(secret).toMatch(/^replace-with-/);
  });

  test.each(filesOf(name).filter(({ content }) => content.startsWith('#!')))(
    'has a program at $path that its shell can read, and that pilots run',
    ({ path, content }) => {
      const shell = content.startsWith('#!/bin/bash') ? 'bash' : 'sh';
      execFileSync(shell, ['-n'], { input: content });
      const { pilots } = parseContext(readUserData(name, read(name)), STAND_INS).context;
      expect(pilots?.kind === 'command' && pilots.command[0]).toBe(path);
    },
  );
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
