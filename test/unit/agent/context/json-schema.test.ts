import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { contextJsonSchema } from '../../../../agent/context/json-schema.ts';
import { Context } from '../../../../agent/context/schema.ts';

const COPY = join(import.meta.dirname, '../../../../cloud-init/context.schema.json');
const schema = contextJsonSchema();
const at = (...path: string[]): unknown =>
  path.reduce<unknown>((inner, key) => (inner as Record<string, unknown>)?.[key], schema);

describe('the JSON Schema', () => {
  test('is the one that is published; else: pilotage-agent context schema > cloud-init/context.schema.json', () => {
    expect(JSON.parse(readFileSync(COPY, 'utf8'))).toEqual(schema);
  });

  test('knows every key of a context, and that version has to be there', () => {
    expect(Object.keys(schema.properties ?? {})).toEqual(Object.keys(Context.entries));
    expect(schema.required).toEqual(['version']);
  });

  test('takes durations as people write them', () => {
    const { type, pattern } = at('properties', 'hold') as { type: string; pattern: string };
    expect(type).toBe('string');
    expect('48h').toMatch(new RegExp(pattern, 'u'));
    expect('48').not.toMatch(new RegExp(pattern, 'u'));
  });

  test('takes a policy as settings, or false', () => {
    expect(at('properties', 'policies', 'properties', 'zeroLoad', 'anyOf')).toMatchObject([
      { type: 'object' },
      { const: false },
    ]);
  });

  test('lets x- keys stand anywhere, and no other', () => {
    expect(schema).toMatchObject({ additionalProperties: false, patternProperties: { '^x-': {} } });
  });

  test('marks secrets, so that no tool shows them', () => {
    expect(at('properties', 'receiver', 'properties', 'enrolmentSecret', 'writeOnly')).toBe(true);
  });

  test('has patterns that a Unicode reader takes', () => {
    const patterns = JSON.stringify(schema).match(/"pattern":"(?:[^"\\]|\\.)*"/g) ?? [];
    expect(patterns.length).toBeGreaterThan(20);
    for (const found of patterns)
      expect(() => new RegExp(JSON.parse(`{${found}}`).pattern, 'u')).not.toThrow();
  });
});
