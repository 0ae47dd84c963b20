import { isJsonObject, type Json } from './merge.ts';
import { Context } from './schema.ts';
import { isSecret, type Schemas, schemasOf, schemasUnder } from './schema-walk.ts';

const redactBy = (schemas: Schemas, data: Json): Json => {
  const all = schemasOf(schemas, data);
  if (isSecret(all))
    return typeof data === 'string' ? `(secret, ${data.length} characters)` : '(secret)';
  if (Array.isArray(data))
    return data.map((inner, index) => redactBy(schemasUnder(all, index), inner));
  if (!isJsonObject(data)) return data;
  return Object.fromEntries(
    Object.entries(data).map(([key, inner]) => [key, redactBy(schemasUnder(all, key), inner)]),
  );
};

/** A merged context without its secrets: what the schema marks as one shows its length alone. */
export const redactContext = (merged: Json): Json => redactBy([Context], merged);
