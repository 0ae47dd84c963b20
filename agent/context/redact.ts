import * as v from 'valibot';
import { isJsonObject, type Json } from './merge.ts';
import { Context } from './schema.ts';

/** The parts of a schema that lead to other schemas. */
interface SchemaParts {
  wrapped?: v.GenericSchema;
  getter?: (input: unknown) => v.GenericSchema;
  item?: v.GenericSchema;
  value?: v.GenericSchema;
  entries?: Readonly<Record<string, v.GenericSchema>>;
}

const isSecret = (schema: v.GenericSchema): boolean => v.getMetadata(schema).secret === true;

const redactBy = (schema: v.GenericSchema | undefined, data: Json): Json => {
  if (schema === undefined) return data;
  if (isSecret(schema))
    return typeof data === 'string' ? `(secret, ${data.length} characters)` : '(secret)';
  const { wrapped, getter, item, value, entries } = schema as SchemaParts;
  if (wrapped !== undefined) return redactBy(wrapped, data);
  if (getter !== undefined) return redactBy(getter(data), data);
  if (Array.isArray(data)) return data.map(inner => redactBy(item, inner));
  if (!isJsonObject(data)) return data;
  return Object.fromEntries(
    Object.entries(data).map(([key, inner]) => [key, redactBy(entries?.[key] ?? value, inner)]),
  );
};

/** A merged context without its secrets: what the schema marks as one shows its length alone. */
export const redactContext = (merged: Json): Json => redactBy(Context, merged);
