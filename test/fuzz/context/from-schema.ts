import fc from 'fast-check';
import { matching } from './matching.ts';

/** What is read of a JSON Schema (draft 7), as `contextJsonSchema` writes it. */
export interface SchemaPart {
  type?: string;
  const?: unknown;
  enum?: readonly unknown[];
  anyOf?: readonly SchemaPart[];
  /** As `anyOf`, told apart by a key. */
  oneOf?: readonly SchemaPart[];
  pattern?: string;
  minLength?: number;
  maxLength?: number;
  minimum?: number;
  maximum?: number;
  items?: SchemaPart;
  minItems?: number;
  maxItems?: number;
  properties?: Readonly<Record<string, SchemaPart>>;
  required?: readonly string[];
  propertyNames?: SchemaPart;
  additionalProperties?: boolean | SchemaPart;
}

type Values = fc.Arbitrary<unknown>;
type ValuesOf = (part: SchemaPart) => Values;

/** Optional keys that stand together in one object, at most: the more there are, the less is accepted. */
const KEYS_AT_ONCE = 3;
const ITEMS = 3;
const LARGEST = 1_000_000;

const text = ({ pattern, minLength = 0, maxLength = 200 }: SchemaPart): fc.Arbitrary<string> =>
  (pattern === undefined ? fc.string({ minLength, maxLength: 40 }) : matching(pattern)).filter(
    ({ length }) => length >= minLength && length <= maxLength,
  );

const number: ValuesOf = ({ type, minimum = -LARGEST, maximum = LARGEST }) =>
  type === 'integer'
    ? fc.integer({ min: minimum, max: maximum })
    : fc.double({ min: minimum, max: maximum, noNaN: true });

const list: ValuesOf = ({ items = {}, minItems = 0, maxItems = ITEMS }) =>
  fc.array(fromSchema(items), {
    minLength: minItems,
    maxLength: Math.max(minItems, Math.min(ITEMS, maxItems)),
  });

const map = (names: SchemaPart, values: SchemaPart): Values =>
  fc.dictionary(text(names), fromSchema(values), { maxKeys: ITEMS });

const object: ValuesOf = part => {
  const { properties = {}, required = [], propertyNames = {}, additionalProperties } = part;
  if (typeof additionalProperties === 'object') return map(propertyNames, additionalProperties);
  const entries = Object.entries(properties).map(([key, of]) => [key, fromSchema(of)] as const);
  const optional = Object.keys(properties).filter(key => !required.includes(key));
  return fc
    .subarray(optional, { maxLength: Math.min(KEYS_AT_ONCE, optional.length) })
    .chain(keys =>
      fc.record(
        Object.fromEntries(entries.filter(([key]) => required.includes(key) || keys.includes(key))),
      ),
    );
};

/** Values of this schema, as far as it can tell: rules between keys it does not know. */
export const fromSchema = (part: SchemaPart): Values => {
  if ('const' in part) return fc.constant(part.const);
  if (part.enum !== undefined) return fc.constantFrom(...part.enum);
  const either = part.anyOf ?? part.oneOf;
  if (either !== undefined) return fc.oneof(...either.map(fromSchema));
  switch (part.type) {
    case 'string':
      return text(part);
    case 'integer':
    case 'number':
      return number(part);
    case 'boolean':
      return fc.boolean();
    case 'array':
      return list(part);
    case 'object':
      return object(part);
    case undefined:
      return fc.jsonValue({ maxDepth: 2 });
    default:
      throw new Error(`no values of the type ${part.type} are known: ${JSON.stringify(part)}`);
  }
};
