import * as v from 'valibot';
import { explainIssue, type Issue, pathOf } from './explain-issue.ts';
import { isJsonObject, type Json, mergePatch, withoutExtensions } from './merge.ts';
import { contextInvalid, type Problem } from './problem.ts';
import { type ReferenceFault, resolveReferences } from './references.ts';
import { Context, Lifeline } from './schema.ts';
import { type ContextText, parseSourceFile, type SourceFile } from './source-file.ts';
import type { VmFactName, VmFacts } from './vm-facts.ts';

/** So many are told at once. */
const PROBLEMS = 50;

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
  ...explainIssue(schema, issue),
});

const isBelow = (path: readonly PropertyKey[], above: readonly PropertyKey[]): boolean =>
  above.every((key, index) => path[index] === key);

/** @param faults references that were left as they are, so that what the schema says of them is no news */
const check = <T>(
  schema: v.GenericSchema<unknown, T>,
  data: Json,
  files: readonly SourceFile[],
  faults: readonly ReferenceFault[],
): T => {
  const result = v.safeParse(schema, data);
  if (result.success && faults.length === 0) return result.output;
  const wrong = faults.map(
    ({ path, ...fault }): Problem => ({
      code: 'wrong-reference',
      ...placeIn(files, path),
      ...fault,
    }),
  );
  const issues = (result.issues ?? []).filter(
    issue => !faults.some(({ path }) => isBelow(path, pathOf(issue))),
  );
  const problems = [...wrong, ...issues.map(issue => toProblem(schema, files, issue))];
  throw contextInvalid(problems.slice(0, PROBLEMS));
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

/** What is included has been by now, or was looked at without it. */
const withoutIncludes = (data: Json): Json => {
  if (!isJsonObject(data)) return data;
  const { include: _, ...rest } = data;
  return rest;
};

export interface ParsedContext {
  context: Context;
  /** The merged input with the VM's facts in it, as it can be written down and parsed again. */
  merged: Json;
  /** The same as people wrote it: with references to facts. */
  written: Json;
  /** The facts that it names. */
  named: ReadonlySet<VmFactName>;
  /** Where a key stands, in the file that decided it. */
  placeOf(path: readonly PropertyKey[]): Pick<Problem, 'file' | 'line' | 'key'>;
}

/**
 * Files in their order → one context, or `context-invalid` with every problem. Nothing is read.
 * @param facts what `${vm.…}` may name; see `STAND_INS` where the VM is not at hand
 */
export const parseContext = (texts: readonly ContextText[], facts: VmFacts = {}): ParsedContext => {
  const files = parseFiles(texts);
  const written = withoutExtensions(
    files.reduce<Json>((target, file) => mergePatch(target, file.data), {}),
  );
  const { data, faults, named } = resolveReferences(Context, written, facts);
  const { include: _, ...context } = check(Context, data, files, faults);
  return {
    context,
    merged: withoutIncludes(data),
    written,
    named,
    placeOf: path => placeIn(files, path),
  };
};

const IDENTITY = 'identity';

/** Without what cannot be resolved: a name that is not complete stops no VM from saying what is wrong. */
const withoutFaulty = (data: Json, faults: readonly ReferenceFault[]): Json => {
  if (!isJsonObject(data) || !isJsonObject(data[IDENTITY])) return data;
  const faulty = new Set(faults.map(({ path }) => path[1]));
  const kept = Object.entries(data[IDENTITY]).filter(([key]) => !faulty.has(key));
  return { ...data, [IDENTITY]: Object.fromEntries(kept) };
};

/** `00-receiver.yaml` by itself. Of its identity, what cannot be resolved is left out. */
export const parseLifeline = (
  text: ContextText,
  facts: VmFacts = {},
): { lifeline: Lifeline; merged: Json } => {
  const files = parseFiles([text]);
  const written = withoutIncludes(withoutExtensions(files[0]?.data ?? {}));
  const { data, faults } = resolveReferences(Lifeline, written, facts);
  const ofIdentity = faults.filter(({ path: [first] }) => first === IDENTITY);
  const merged = withoutFaulty(data, ofIdentity);
  const others = faults.filter(fault => !ofIdentity.includes(fault));
  return { lifeline: check(Lifeline, merged, files, others), merged };
};
