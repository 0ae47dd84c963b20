import { type ConversionConfig, toJsonSchema } from '@valibot/to-json-schema';
import type * as v from 'valibot';
import { withReferences } from './json-schema-references.ts';
import { Context } from './schema.ts';

/** JSON Schema, draft 7, which editors understand best. */
export type JsonSchema = ReturnType<typeof toJsonSchema>;

const convert = (schema: v.GenericSchema): JsonSchema => {
  const { $schema: _, definitions: __, $defs: ___, ...converted } = toJsonSchema(schema, CONFIG);
  return converted;
};

const lazyGetter = (schema: unknown): ((input: unknown) => v.GenericSchema) | undefined =>
  (schema as { getter?: (input: unknown) => v.GenericSchema }).getter;

/** What is looked at of an action, whichever it is. */
interface ActionParts {
  type: string;
  requirement?: RegExp;
  metadata?: { secret?: boolean };
}

const CONFIG: ConversionConfig = {
  // What people write: durations are still texts.
  typeMode: 'input',
  // Rules between keys have no word in JSON Schema; the agent holds to them all the same.
  ignoreActions: ['check', 'partial_check'],
  overrideAction: ({ valibotAction, jsonSchema }) => {
    const { type, requirement, metadata } = valibotAction as ActionParts;
    // JSON Schema reads every pattern as Unicode, so the flag that says so has no place there.
    if (type === 'regex') return { ...jsonSchema, pattern: requirement?.source };
    return type === 'metadata' && metadata?.secret === true
      ? { ...jsonSchema, writeOnly: true }
      : undefined;
  },
  overrideSchema: ({ valibotSchema, jsonSchema }) => {
    const getter = lazyGetter(valibotSchema);
    if (getter !== undefined) return { anyOf: [convert(getter({})), convert(getter(false))] };
    // Keys that begin with x- are the operator's own, everywhere.
    if (jsonSchema.additionalProperties === false)
      return { ...jsonSchema, patternProperties: { '^x-': {} } };
    return undefined;
  },
};

/** The published schema of a context: what `context.schema.json` holds. */
export const contextJsonSchema = (): JsonSchema => ({
  $schema: 'http://json-schema.org/draft-07/schema#',
  title: 'Context of a Pilotage VM, version 1',
  ...withReferences(convert(Context)),
});
