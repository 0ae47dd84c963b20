import { closest, distance } from 'fastest-levenshtein';
import * as v from 'valibot';
import { type Json, mergePatch, withoutExtensions } from './merge.ts';
import { contextInvalid, type Problem } from './problem.ts';
import { Context, Lifeline } from './schema.ts';
import { type ContextText, parseSourceFile, type SourceFile } from './source-file.ts';

type Issue = v.BaseIssue<unknown>;

/** So many are told at once. */
const PROBLEMS = 50;

const pathOf = (issue: Issue): PropertyKey[] =>
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

const explain = (schema: unknown, issue: Issue): Pick<Problem, 'code' | 'message' | 'remedy'> => {
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

/** The last file in which a key stands is the one that decided it. */
const decidingFile = (
  files: readonly SourceFile[],
  path: readonly PropertyKey[],
): SourceFile | undefined => {
  for (let length = path.length; length > 0; length -= 1) {
    const found = files.findLast(file => file.has(path.slice(0, length)));
    if (found !== undefined) return found;
  }
  return files.at(-1);
};

const placeIn = (
  files: readonly SourceFile[],
  path: readonly PropertyKey[],
): Pick<Problem, 'file' | 'line' | 'key'> => {
  const file = decidingFile(files, path);
  return {
    file: file?.name ?? '',
    line: file?.lineOf(path) ?? 0,
    key: path.map(String).join('.'),
  };
};

const toProblem = (schema: unknown, files: readonly SourceFile[], issue: Issue): Problem => ({
  ...placeIn(files, pathOf(issue)),
  ...explain(schema, issue),
});

const check = <T>(
  schema: v.GenericSchema<unknown, T>,
  data: Json,
  files: readonly SourceFile[],
): T => {
  const result = v.safeParse(schema, withoutExtensions(data));
  if (result.success) return result.output;
  const issues = result.issues.slice(0, PROBLEMS);
  throw contextInvalid(issues.map(issue => toProblem(schema, files, issue)));
};

const parseFiles = (texts: readonly ContextText[]): SourceFile[] => {
  const parsed = texts.map(parseSourceFile);
  const problems = parsed.filter((file): file is Problem => 'remedy' in file);
  const files = parsed.filter((file): file is SourceFile => 'data' in file);
  for (const file of files) {
    if (!file.has(['version']))
      problems.push({
        code: 'missing-key',
        file: file.name,
        line: 1,
        key: 'version',
        message: 'missing',
        remedy: 'begin every file with version: 1',
      });
  }
  if (problems.length > 0) throw contextInvalid(problems);
  return files;
};

export interface ParsedContext {
  context: Context;
  /** The merged input, as it can be written down and parsed again. */
  merged: Json;
  /** Where a key stands, in the file that decided it. */
  placeOf(path: readonly PropertyKey[]): Pick<Problem, 'file' | 'line' | 'key'>;
}

/** Files in their order → one context, or `context-invalid` with every problem. Nothing is read. */
export const parseContext = (texts: readonly ContextText[]): ParsedContext => {
  const files = parseFiles(texts);
  const merged = files.reduce<Json>((target, file) => mergePatch(target, file.data), {});
  return {
    context: check(Context, merged, files),
    merged: withoutExtensions(merged),
    placeOf: path => placeIn(files, path),
  };
};

/** `00-receiver.yaml` by itself. */
export const parseLifeline = (text: ContextText): { lifeline: Lifeline; merged: Json } => {
  const files = parseFiles([text]);
  const merged = withoutExtensions(files[0]?.data ?? {});
  return { lifeline: check(Lifeline, merged, files), merged };
};
