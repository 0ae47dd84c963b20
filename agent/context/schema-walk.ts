import * as v from 'valibot';

/** The parts of a schema that lead to other schemas. */
interface SchemaParts {
  wrapped?: v.GenericSchema;
  getter?: (input: unknown) => v.GenericSchema;
  options?: readonly unknown[];
  item?: v.GenericSchema;
  value?: v.GenericSchema;
  entries?: Readonly<Record<string, v.GenericSchema>>;
}

const isSchema = (option: unknown): option is v.GenericSchema =>
  typeof option === 'object' && option !== null && 'kind' in option && option.kind === 'schema';

/** A schema, or each of those that it offers for a value. */
export type Schemas = readonly v.GenericSchema[];

/** What stands behind optional, lazy and alternative schemas; the wrappers too, for their metadata. */
const unwrap = (schema: v.GenericSchema, data: unknown): Schemas => {
  const { wrapped, getter, options = [] } = schema as SchemaParts;
  const inner = [wrapped, getter?.(data), ...options].filter(isSchema);
  return [schema, ...inner.flatMap(found => unwrap(found, data))];
};

/** Everything that a value may be, from the schemas of its place. */
export const schemasOf = (schemas: Schemas, data: unknown): Schemas =>
  schemas.flatMap(schema => unwrap(schema, data));

/** True if one of them marks its value as a secret. */
export const isSecret = (schemas: Schemas): boolean =>
  schemas.some(schema => v.getMetadata(schema).secret === true);

/** The schemas of what stands under a key, or in a list. */
export const schemasUnder = (schemas: Schemas, key: PropertyKey): Schemas =>
  schemas.flatMap(schema => {
    const { entries, item, value } = schema as SchemaParts;
    const known = typeof key === 'number' ? item : (ownEntry(entries, String(key)) ?? value);
    return known === undefined ? [] : [known];
  });

const ownEntry = (entries: SchemaParts['entries'], key: string): v.GenericSchema | undefined =>
  entries !== undefined && Object.hasOwn(entries, key) ? entries[key] : undefined;
