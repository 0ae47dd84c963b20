import { isJsonObject, type Json } from '../merge.ts';

/** What the samples have in the place of secrets and of a key's hash. */
const PLACEHOLDER = /^(?:replace-with-|sha256\/\/A{43}=$)/;

/** Keys, dotted, whose value is still the one that a sample came with. */
export const placeholdersIn = (value: Json, path: readonly string[] = []): string[] => {
  if (typeof value === 'string') return PLACEHOLDER.test(value) ? [path.join('.')] : [];
  const inner = Array.isArray(value) || isJsonObject(value) ? Object.entries(value) : [];
  return inner.flatMap(([key, one]) => placeholdersIn(one, [...path, key]));
};
