import * as v from 'valibot';
import { explainIssue, pathOf } from '../explain-issue.ts';
import type { Json } from '../merge.ts';
import { contextInvalid, type Problem } from '../problem.ts';
import { resolveReferences } from '../references.ts';
import { Include } from '../schema/include.ts';
import { type ContextText, parseSourceFile, type SourceFile } from '../source-file.ts';
import type { VmFacts } from '../vm-facts.ts';

/** Where a text comes from, and where what it includes may lie. */
export interface Origin {
  /** The folder from which relative paths count; absent where it came from no file. */
  folder: string | undefined;
  /** The folders below which files may be included; absent: anywhere. */
  allowed: readonly string[] | undefined;
}

/** One thing that a text includes, with the place that asks for it. */
export interface Target {
  kind: 'file' | 'url';
  /** An absolute path, or an address. It tells one from another. */
  id: string;
  sha256: string | undefined;
  optional: boolean;
  place: Pick<Problem, 'file' | 'line' | 'key'>;
}

const KEY = 'include';
/** What `${vm.…}` in it is resolved by. */
const Holder = v.object({ include: Include });

const refusalAt = (
  place: Target['place'],
  message: string,
  remedy: string,
): ReturnType<typeof contextInvalid> =>
  contextInvalid([{ code: 'include-failed', ...place, message, remedy }]);

/** A refusal of one entry. */
export const includeFailed = (
  { place }: Pick<Target, 'place'>,
  message: string,
  remedy: string,
): ReturnType<typeof contextInvalid> => refusalAt(place, message, remedy);

const entriesOf = (file: SourceFile, facts: VmFacts): Include => {
  const written = (file.data as Record<string, Json>)[KEY] ?? null;
  const { data, faults } = resolveReferences(Holder, { [KEY]: written }, facts);
  const placeOf = (path: readonly PropertyKey[]) => ({
    file: file.name,
    line: file.lineOf(path),
    key: path.map(String).join('.'),
  });
  const wrong = faults.map(
    ({ path, ...fault }): Problem => ({ code: 'wrong-reference', ...placeOf(path), ...fault }),
  );
  if (wrong.length > 0) throw contextInvalid(wrong);
  const result = v.safeParse(Holder, data);
  if (result.success) return result.output.include;
  throw contextInvalid(
    result.issues.map(issue => ({ ...placeOf(pathOf(issue)), ...explainIssue(Holder, issue) })),
  );
};

const isBelow = (path: string, folders: readonly string[]): boolean =>
  folders.some(folder => path.startsWith(`${folder}/`));

const absolute = (path: string, { folder, allowed }: Origin, place: Target['place']): string => {
  const where = allowed === undefined ? '' : ` below ${allowed.join(' or ')}`;
  if (!path.startsWith('/') && folder === undefined)
    throw refusalAt(
      place,
      `${path} is relative to no file: this context came from none`,
      `an absolute path${where}, or an https address`,
    );
  const full = path.startsWith('/') ? path : `${folder === '/' ? '' : folder}/${path}`;
  if (allowed !== undefined && !isBelow(full, allowed))
    throw refusalAt(
      place,
      `${full} may not be included`,
      `put it${where}, where root alone writes`,
    );
  return full;
};

/**
 * What a text includes, in order; nothing where the text cannot be parsed, which its own parser will
 * tell. Pure.
 * @throws context-invalid
 */
export const targetsOf = (text: ContextText, origin: Origin, facts: VmFacts): Target[] => {
  if (!text.text.includes(KEY)) return [];
  const file = parseSourceFile(text);
  if ('remedy' in file || !file.has([KEY])) return [];
  return entriesOf(file, facts).map((entry, index) => {
    const path = [KEY, index];
    const place = { file: file.name, line: file.lineOf(path), key: path.join('.') };
    const {
      file: given,
      url,
      sha256,
      optional,
    } = typeof entry === 'string'
      ? {
          ...(entry.startsWith('https://') ? { url: entry } : { file: entry }),
          sha256: undefined,
          optional: false,
        }
      : entry;
    return url === undefined
      ? { kind: 'file', id: absolute(given ?? '', origin, place), sha256, optional, place }
      : { kind: 'url', id: url, sha256, optional, place };
  });
};

/** True if a text that can be parsed includes others. */
export const includesOthers = (text: ContextText): boolean => {
  if (!text.text.includes(KEY)) return false;
  const file = parseSourceFile(text);
  return 'data' in file && file.has([KEY]);
};

/**
 * Texts that are to become one: what a later one includes would no longer come behind the texts before it.
 * @throws context-invalid
 */
export const needMergeable = (texts: readonly ContextText[]): void => {
  const late = texts.slice(1).find(includesOthers);
  if (late === undefined) return;
  throw refusalAt(
    { file: late.name, line: 1, key: KEY },
    'it cannot be merged with the texts before it and still include others behind them',
    'let the first of the texts include them, or keep the texts apart',
  );
};
