import { isJsonObject, type Json, mergePatch } from './merge.ts';
import { contextInvalid, type Problem } from './problem.ts';
import { Lifeline } from './schema.ts';
import { type ContextText, parseSourceFile, type SourceFile } from './source-file.ts';

/**
 * The lifeline within a whole context, as a text of its own: so that a VM whose context is wrong
 * elsewhere can still say so. A text that cannot be read at all is left out as long as another can.
 */
export const lifelineTextOf = (texts: readonly ContextText[]): ContextText => {
  const parsed = texts.map(parseSourceFile);
  const files = parsed.filter((file): file is SourceFile => 'data' in file);
  if (files.length === 0)
    throw contextInvalid(parsed.filter((file): file is Problem => 'remedy' in file));
  const merged = files.reduce<Json>((target, file) => mergePatch(target, file.data), {});
  const known = new Set(Object.keys(Lifeline.entries));
  const entries = Object.entries(isJsonObject(merged) ? merged : {});
  const own = Object.fromEntries(entries.filter(([key]) => known.has(key)));
  return {
    name: files.map(({ name }) => name).join(', '),
    text: JSON.stringify({ version: 1, ...own }),
  };
};
