import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { contextJsonSchema } from '../../../agent/context/json-schema.ts';
import { damaged } from '../../fuzz/context/damage.ts';
import { fromSchema, type SchemaPart } from '../../fuzz/context/from-schema.ts';
import { judgeContext } from '../../fuzz/context/judge.ts';
import { matching, withoutLookaheads } from '../../fuzz/context/matching.ts';
import { renewedContext } from '../../fuzz/context/renewed.ts';
import { wholePilotsContext } from '../../fuzz/context/whole-pilots.ts';

const SCHEMA = contextJsonSchema() as SchemaPart;
/** Samples are taken until every key was in one that is accepted, or as often as this. */
const ROUNDS = 50;
const SAMPLES = 100;

/** `cvmfs.extraRepositories[].name`: every key that a schema has. */
const keysOf = (part: SchemaPart, at = ''): string[] => [
  ...Object.entries(part.properties ?? {}).flatMap(([key, inner]) => {
    const path = at === '' ? key : `${at}.${key}`;
    return [path, ...keysOf(inner, path)];
  }),
  ...(part.items === undefined ? [] : keysOf(part.items, `${at}[]`)),
  ...(part.anyOf ?? part.oneOf ?? []).flatMap(inner => keysOf(inner, at)),
];

/** The same of a value. */
const pathsOf = (value: unknown, at = ''): string[] => {
  if (Array.isArray(value)) return value.flatMap(item => pathsOf(item, `${at}[]`));
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]) => {
    const path = at === '' ? key : `${at}.${key}`;
    return [path, ...pathsOf(inner, path)];
  });
};

const SECTIONS = Object.keys(SCHEMA.properties ?? {});
/** What a section cannot be without: a glidein is nothing without pilots that run it. */
const NEEDED: Readonly<Record<string, readonly string[]>> = { glidein: ['pilots'] };

describe('of what is written from the schema', () => {
  test.each(SECTIONS)(
    'every key of %s is accepted with some value',
    { timeout: 60_000 },
    section => {
      const values = fc.oneof(
        fromSchema({ ...SCHEMA, required: ['version', section, ...(NEEDED[section] ?? [])] }),
        renewedContext,
        wholePilotsContext,
      );
      const missing = new Set([section, ...keysOf(SCHEMA.properties?.[section] ?? {}, section)]);
      for (let seed = 1; seed <= ROUNDS && missing.size > 0; seed += 1)
        for (const value of fc.sample(values, { numRuns: SAMPLES, seed }))
          if (judgeContext(Buffer.from(JSON.stringify(value))).accepted)
            for (const path of pathsOf(value)) missing.delete(path);
      expect([...missing]).toEqual([]);
    },
  );

  test('any key may hold something hostile', () => {
    const values = fromSchema(SCHEMA);
    const [before, after] = [values, damaged(values)].map(each =>
      fc.sample(each, { numRuns: 50, seed: 2 }),
    );
    expect(after).not.toEqual(before);
  });
});

describe('texts of a pattern', () => {
  test.each([
    ['^(?=.{1,9}$)a(?:b|[)]c)+$', '^a(?:b|[)]c)+$'],
    ['^(?!.*(?:^|\\/)\\.\\.?(?:\\/|$))\\/[a-z]+$', '^\\/[a-z]+$'],
    ['^(?!\\))x(?!y)$', '^x$'],
    ['^(?:a)$', '^(?:a)$'],
  ])('%s are first those of %s', (pattern, loose) => {
    expect(withoutLookaheads(pattern)).toBe(loose);
  });

  test.each(['^(?!.*\\.\\.)[a.]+$', '^[^\\0]*$', '^(?:\\d+(?:s|m))+$'])('follow %s', pattern => {
    fc.assert(
      fc.property(matching(pattern), text => {
        expect(text).toMatch(new RegExp(pattern, 'u'));
      }),
    );
  });
});
