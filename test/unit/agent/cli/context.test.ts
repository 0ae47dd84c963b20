import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { parse, parseAllDocuments } from 'yaml';
import type { OptionValues } from '../../../../agent/cli/command.ts';
import { convert, schema, show, validate } from '../../../../agent/cli/context.ts';
import { readUserData } from '../../../../agent/context/formats/read-user-data.ts';
import { parseContext } from '../../../../agent/context/parse.ts';
import { PROXY, TOKEN } from '../../../fixtures/context/glideinwms-samples.ts';

const REPOSITORY = join(import.meta.dirname, '../../../..');
const GLIDEINS = join(REPOSITORY, 'test/fixtures/context/glideinwms');
const SAMPLES = join(REPOSITORY, 'cloud-init/samples');
const filesIn = (folder: string): string[] => readdirSync(folder).map(name => join(folder, name));

const folder = mkdtempSync(join(tmpdir(), 'pilotage-context-'));
afterAll(() => rmSync(folder, { recursive: true }));
const write = (name: string, text: string): string => {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
};

const call = async (
  command: (
    values: OptionValues,
    io: { out(text: string): void; err(text: string): void; signal: AbortSignal },
  ) => Promise<number>,
  values: OptionValues,
) => {
  const written = { out: '', err: '' };
  const code = await command(values, {
    out: text => {
      written.out += text;
    },
    err: text => {
      written.err += text;
    },
    signal: new AbortController().signal,
  });
  return { code, ...written };
};

describe('context validate', () => {
  test('says of each sample that it is valid', async () => {
    const files = filesIn(SAMPLES);
    const { code, out } = await call(validate, { files });
    expect(out).toBe(files.map(file => `${file}: valid\n`).join(''));
    expect(code).toBe(0);
  });

  test('names file, line, key and remedy of what is wrong, and goes on', async () => {
    const bad = write('bad.yaml', 'version: 1\nhold: soon\n');
    const good = write('good.yaml', 'version: 1\n');
    const { code, out } = await call(validate, { files: [bad, `${folder}/none`, good] });
    expect(out.split('\n')).toEqual([
      `${bad}:2: hold: not understood; remedy: a duration with a unit, such as 90s, 20m or 48h`,
      `${folder}/none: there is no file ${folder}/none; remedy: name a file that can be read`,
      `${good}: valid`,
      '',
    ]);
    expect(code).toBe(1);
  });

  test('tells scripts the same', async () => {
    const bad = write('bad.json', '{"version": 1, "pilotz": 1}');
    const { code, out } = await call(validate, { files: [bad], json: true });
    expect(JSON.parse(out)).toMatchObject({
      valid: false,
      files: [{ file: bad, valid: false, problems: [{ code: 'unknown-key', line: 1 }] }],
    });
    expect(code).toBe(1);
  });

  test('notes a glidein that is not run', async () => {
    const other = write(
      'other.yaml',
      `version: 1
glidein: {webbase: http://factory.example.org/stage}
pilots: {kind: command, command: [/bin/true]}
`,
    );
    const { code, err } = await call(validate, { files: [other] });
    expect(err).toContain('pilots of the kind command are run instead');
    expect(code).toBe(0);
  });
});

describe('context convert', () => {
  test.each(filesIn(GLIDEINS))('%s gives a context that converts to itself', async file => {
    const first = await call(convert, { files: [file] });
    expect(first).toMatchObject({ code: 0, err: '' });
    const again = await call(convert, { files: [write('again.yaml', first.out)] });
    expect(again.out).toBe(first.out);
    const [from, to] = [readFileSync(file), Buffer.from(first.out)].map(
      bytes => parseContext(readUserData('u', bytes)).context,
    );
    expect(to).toEqual(from);
  });

  test('merges what comes in several parts', async () => {
    const { out } = await call(convert, { files: [join(SAMPLES, 'single-vo.yaml')] });
    expect(parse(out)).toMatchObject({ version: 1, receiver: {}, pilots: { kind: 'command' } });
  });

  test('writes one document a file, and refuses those that are none', async () => {
    const files = [...filesIn(GLIDEINS), write('script', '#!/bin/sh\n')];
    const { code, out, err } = await call(convert, { files });
    expect(parseAllDocuments(out)).toHaveLength(files.length - 1);
    expect(err).toMatch(/script:1: a script, .*; remedy: /);
    expect(code).toBe(1);
  });
});

describe('context show', () => {
  test('shows no secret', async () => {
    const context = join(GLIDEINS, 'today-with-token.txt');
    const { out, code } = await call(show, { context });
    expect(code).toBe(0);
    expect(parse(out).credentials).toMatchObject([
      { content: `(secret, ${PROXY.length} characters)` },
      { content: `(secret, ${TOKEN.length} characters)` },
    ]);
    expect(out).not.toContain(TOKEN.slice(0, 20));
    expect(out).not.toContain('MADEUP');
  });

  test('shows the enrolment secret of a sample no more than others', async () => {
    const context = join(SAMPLES, 'single-vo.yaml');
    const { out } = await call(show, { context, json: true });
    expect(JSON.parse(out).receiver.enrolmentSecret).toMatch(/^\(secret, /);
    expect(JSON.parse(out).pilots.kind).toBe('command');
  });
});

test('context schema prints JSON', async () => {
  expect(JSON.parse((await call(schema, {})).out)).toHaveProperty('properties.version');
});
