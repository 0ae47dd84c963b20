import { closest, distance } from 'fastest-levenshtein';
import type * as v from 'valibot';
import type { Problem } from './problem.ts';

export type Issue = v.BaseIssue<unknown>;

export const pathOf = (issue: Issue): PropertyKey[] =>
  (issue.path ?? []).map(item => item.key as PropertyKey);

interface SchemaParts {
  wrapped?: unknown;
  getter?: (input: object) => unknown;
  item?: unknown;
  entries?: Record<string, unknown>;
  /** Of a variant: one schema for each value of its key. */
  key?: string;
  options?: readonly unknown[];
}

/** The schema of a variant that holds for a value. */
const optionFor = (
  { key = '', options = [] }: SchemaParts,
  value: Readonly<Record<string, unknown>>,
): unknown =>
  options.find(option => {
    const { literal } = ((option as SchemaParts).entries?.[key] ?? {}) as { literal?: unknown };
    return literal !== undefined && literal === value[key];
  });

/**
 * The keys that would have been understood where an unknown one stands.
 * @param values what was written at each step of the path, and at its end
 */
const knownKeys = (
  schema: unknown,
  path: readonly PropertyKey[],
  values: readonly unknown[],
): string[] => {
  const parts = (schema ?? {}) as SchemaParts;
  const { wrapped, getter, item, entries, options } = parts;
  if (wrapped !== undefined) return knownKeys(wrapped, path, values);
  if (getter !== undefined) return knownKeys(getter({}), path, values);
  if (options !== undefined) {
    const value = (values[0] ?? {}) as Record<string, unknown>;
    return knownKeys(optionFor(parts, value), path, values);
  }
  const [first, ...rest] = path;
  if (first === undefined) return Object.keys(entries ?? {});
  const inner = typeof first === 'number' ? item : entries?.[String(first)];
  return knownKeys(inner, rest, values.slice(1));
};

/** What is wrong, and what would be right, in the words of the schema. */
export const explainIssue = (
  schema: unknown,
  issue: Issue,
): Pick<Problem, 'code' | 'message' | 'remedy'> => {
  const path = pathOf(issue);
  const name = String(path.at(-1) ?? '');
  if (issue.type === 'strict_object' && issue.expected === 'never') {
    const known = knownKeys(
      schema,
      path.slice(0, -1),
      (issue.path ?? []).map(step => step.input),
    );
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
