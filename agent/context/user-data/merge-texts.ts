import { isJsonObject, type Json, mergePatch } from '../merge.ts';
import { contextInvalid, type Problem } from '../problem.ts';
import { type ContextText, parseSourceFile, type SourceFile } from '../source-file.ts';

type Keys = Readonly<Record<string, Json>>;

/** A text and the keys in it, not yet validated. */
export interface ParsedText {
  text: ContextText;
  data: Keys;
}

/** @throws context-invalid where a text cannot be parsed at all */
export const parseTexts = (texts: readonly ContextText[]): ParsedText[] => {
  const parsed = texts.map(text => ({ text, file: parseSourceFile(text) }));
  const problems = parsed.flatMap(({ file }) => ('remedy' in file ? [file as Problem] : []));
  if (problems.length > 0) throw contextInvalid(problems);
  return parsed.map(({ text, file }) => {
    const { data } = file as SourceFile;
    return { text, data: isJsonObject(data) ? data : {} };
  });
};

/** What texts say together, in their order. */
export const mergeTexts = (parsed: readonly ParsedText[]): Keys => {
  const merged = parsed.reduce<Json>((target, { data }) => mergePatch(target, { ...data }), {});
  return isJsonObject(merged) ? merged : {};
};
