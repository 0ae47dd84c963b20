import { closest, distance } from 'fastest-levenshtein';
import type * as v from 'valibot';
import type { Problem } from './problem.ts';

export type Issue = v.BaseIssue<unknown>;

export const pathOf = (issue: Issue): PropertyKey[] =>
  (issue.path ?? []).map(item => item.key as PropertyKey);

/** The keys that would have been understood where an unknown one stands. */
const knownKeys = (schema: unknown, path: readonly PropertyKey[]): string[] => {
  const { wrapped, getter, item, entries } = schema as {
    wrapped?: unknown;
    getter?: (input: object) => unknown;
    item?: unknown;
    entries?: Record<string, unknown>;
  };
  if (wrapped !== undefined) return knownKeys(wrapped, path);
  if (getter !== undefined) return knownKeys(getter({}), path);
  const [first, ...rest] = path;
  if (first === undefined) return Object.keys(entries ?? {});
  return knownKeys(typeof first === 'number' ? item : entries?.[String(first)], rest);
};

/** What is wrong, and what would be right, in the words of the schema. */
export const explainIssue = (
  schema: unknown,
  issue: Issue,
): Pick<Problem, 'code' | 'message' | 'remedy'> => {
  const path = pathOf(issue);
  const name = String(path.at(-1) ?? '');
  if (issue.type === 'strict_object' && issue.expected === 'never') {
    const known = knownKeys(schema, path.slice(0, -1));
    const near = known.length === 0 ? '' : closest(name, known);
    const hint =
      near !== '' && distance(name, near) <= 3
        ? `did you mean ${near}?`
        : `known here: ${known.join(', ')}`;
    return {
      code: 'unknown-key',
      message: 'unknown key',
      remedy: `${hint} (your own keys begin with x-)`,
    };
  }
  const isObject = issue.type === 'strict_object';
  if (issue.received === 'undefined')
    return {
      code: 'missing-key',
      message: 'missing',
      remedy: isObject ? `add ${name}` : `add ${name}: ${issue.message}`,
    };
  return {
    code: 'wrong-value',
    message: 'not understood',
    remedy: isObject ? 'an object of keys and values' : issue.message,
  };
};
