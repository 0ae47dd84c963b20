import type { toJsonSchema } from '@valibot/to-json-schema';

type JsonSchema = ReturnType<typeof toJsonSchema>;
type Part = NonNullable<JsonSchema['items']>;

/** A value that is one reference to a fact, such as `${vm.cores}` or `${vm.cores:-4}`. */
const ONE_REFERENCE = '^\\$\\{vm\\.[A-Za-z]+(?::-[^{}]*)?\\}$';
/** A text with a reference in it: what comes out of it is known on the VM alone. */
const ANY_REFERENCE = '\\$\\{vm\\.';

const inParts = (parts: JsonSchema['properties']): JsonSchema['properties'] =>
  parts === undefined
    ? undefined
    : Object.fromEntries(Object.entries(parts).map(([key, part]) => [key, inPart(part)]));

const inPart = (part: boolean | JsonSchema): boolean | JsonSchema =>
  typeof part === 'boolean' ? part : withReferences(part);

const inPlace = (part: Part): Part => (Array.isArray(part) ? part.map(inPart) : inPart(part));

const only = <T extends object>(parts: { [K in keyof T]: T[K] | undefined }): Partial<T> =>
  Object.fromEntries(Object.entries(parts).filter(([, part]) => part !== undefined)) as Partial<T>;

/**
 * A schema that takes references to facts of the VM where it takes numbers, or texts of a pattern; not in
 * secrets, in which none is replaced. Fixed words and switches stay as they are.
 */
export const withReferences = (schema: JsonSchema): JsonSchema => {
  if (schema.writeOnly === true) return schema;
  const { pattern, items, additionalProperties } = schema;
  const whole: JsonSchema = {
    ...schema,
    ...only<JsonSchema>({
      pattern: pattern === undefined ? undefined : `${ANY_REFERENCE}|(?:${pattern})`,
      items: items === undefined ? undefined : inPlace(items),
      additionalProperties:
        additionalProperties === undefined ? undefined : inPart(additionalProperties),
      properties: inParts(schema.properties),
      anyOf: schema.anyOf?.map(inPart),
      oneOf: schema.oneOf?.map(inPart),
      allOf: schema.allOf?.map(inPart),
    }),
  };
  if (schema.type !== 'number' && schema.type !== 'integer') return whole;
  const { description, default: preset, ...number } = whole;
  return {
    ...only<JsonSchema>({ description, default: preset }),
    anyOf: [number, { type: 'string', pattern: ONE_REFERENCE }],
  };
};
