import { isAlias, parseDocument, stringify, visit } from 'yaml';
import { includesOthers } from '../includes/target.ts';
import { LIFELINE_FILE } from '../load.ts';
import { Lifeline } from '../schema.ts';
import type { ContextText } from '../source-file.ts';
import type { ContextFile } from './context-file.ts';
import { mergeTexts, type ParsedText, parseTexts } from './merge-texts.ts';

/** Keys that belong into the lifeline's file; every file has a version. */
const LIFELINE_KEYS = Object.keys(Lifeline.entries).filter(key => key !== 'version');

const ownKeys = ({ data }: ParsedText): string[] =>
  Object.keys(data).filter(key => key !== 'version');
const hasLifeline = ({ data }: ParsedText): boolean => LIFELINE_KEYS.some(key => key in data);
const isLifelineAlone = (parsed: ParsedText): boolean =>
  ownKeys(parsed).every(key => LIFELINE_KEYS.includes(key) || key.startsWith('x-'));

/** The text without some of its first keys, with its comments where that can be. */
const without = (text: string, keys: readonly string[]): string => {
  const document = parseDocument(text, { stringKeys: true });
  let hasAlias = false;
  visit(document, {
    Alias: (_key, node) => {
      hasAlias ||= isAlias(node);
    },
  });
  if (hasAlias) {
    const data = document.toJS() as Record<string, unknown>;
    return stringify(
      Object.fromEntries(Object.entries(data).filter(([key]) => !keys.includes(key))),
    );
  }
  for (const key of keys) document.delete(key);
  return document.toString({ lineWidth: 0, flowCollectionPadding: false });
};

const slugOf = (name: string): string =>
  name
    .replace(/^.*\//, '')
    .replace(/\.(?:yaml|yml|json|txt)$/, '')
    .replace(/^\d+-/, '')
    .replace(/[^A-Za-z0-9_-]+/g, '-')
    .slice(0, 40)
    .replace(/^-+|-+$/g, '') || 'context';

/** Numbers of two digits for as many files as a context may have, all behind the lifeline's. */
const numbered = (texts: readonly ContextText[]): ContextFile[] => {
  const first = texts.length > 50 ? 10 : 50;
  return texts.map(({ name, text }, index) => ({
    name: `${first + index}-${slugOf(name)}.yaml`,
    text,
  }));
};

/**
 * The texts of a context, in their order, as files for a VM: what the lifeline is read from comes into
 * a file of its own, so that a VM whose other files are broken can still say so. Together they mean the
 * same as before, and a text that needs no change stays as it is.
 * @throws context-invalid where a text cannot be parsed
 */
export const arrangeContext = (texts: readonly ContextText[]): ContextFile[] => {
  const parsed = parseTexts(texts);
  const merged = mergeTexts(parsed);
  if (merged.receiver === undefined) return numbered(texts);
  const entries = LIFELINE_KEYS.flatMap(key => (key in merged ? [[key, merged[key]]] : []));
  const lifeline = {
    name: LIFELINE_FILE,
    text: stringify({ version: 1, ...Object.fromEntries(entries) }, { lineWidth: 0 }),
  };
  // What is included may hold these keys too, so each text keeps its own, in its place behind that.
  if (texts.some(includesOthers)) return [lifeline, ...numbered(texts)];
  const holders = parsed.filter(hasLifeline);
  const [only] = holders;
  if (only !== undefined && holders.length === 1 && isLifelineAlone(only))
    return [
      { name: LIFELINE_FILE, text: only.text.text },
      ...numbered(texts.filter(text => text !== only.text)),
    ];
  const rest = parsed.flatMap(one => {
    if (!hasLifeline(one)) return [one.text];
    if (ownKeys(one).every(key => LIFELINE_KEYS.includes(key))) return [];
    return [{ ...one.text, text: without(one.text.text, LIFELINE_KEYS) }];
  });
  return [lifeline, ...numbered(rest)];
};
