import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { readUserData } from '../../../../agent/context/formats/read-user-data.ts';
import { expandIncludes } from '../../../../agent/context/includes/expand.ts';
import { parseContext } from '../../../../agent/context/parse.ts';
import type { Problem } from '../../../../agent/context/problem.ts';
import { STAND_INS } from '../../../../agent/context/vm-facts.ts';
import { isPilotageError } from '../../../../platform/errors.ts';
import { BAD_SAMPLES } from '../../../fixtures/context/bad-samples.ts';

const FOLDER = join(import.meta.dirname, '../../../fixtures/context/bad');

const refusalOf = async (name: string, bytes: Buffer) => {
  try {
    const { texts } = await expandIncludes(readUserData(name, bytes), {
      reader: { readFile: async () => undefined },
      originOf: () => ({ folder: '/', allowed: undefined }),
      facts: STAND_INS,
    });
    parseContext(texts, STAND_INS);
  } catch (error) {
    if (isPilotageError(error)) return error;
    throw error;
  }
  return expect.fail('it was accepted');
};

test('every bad sample is there; else: node test/fixtures/context/generate.ts', () => {
  expect(readdirSync(FOLDER)).toEqual(Object.keys(BAD_SAMPLES).sort());
});

describe('is refused on one line, with its place and remedy:', () => {
  test.each(Object.entries(BAD_SAMPLES))('%s', async (name, { problem }) => {
    const { message, context } = await refusalOf(name, readFileSync(join(FOLDER, name)));
    expect(context.problems as Problem[]).toMatchObject([{ line: 1, key: '', ...problem }]);
    expect(message.startsWith(name)).toBe(true);
    expect(message).toContain(`:${problem.line ?? 1}: `);
    // biome-ignore lint/suspicious/noControlCharactersInRegex: none of them may be in it
    expect(message).toMatch(/^[^\u0000-\u001f]+; remedy: [^\u0000-\u001f]+$/);
  });
});
