import { createHash } from 'node:crypto';
import { dirname } from 'node:path';
import { isPilotageError, messageOf } from '../../../platform/errors.ts';
import { readUserData } from '../formats/read-user-data.ts';
import type { Problem } from '../problem.ts';
import type { ContextText } from '../source-file.ts';
import type { VmFacts } from '../vm-facts.ts';
import { includeFailed, type Origin, type Target, targetsOf } from './target.ts';

/** How what is included is had. */
export interface IncludeReader {
  /** `undefined`: there is no such file. Fails with a PilotageError. */
  readFile(path: string): Promise<Buffer | undefined>;
  /** Absent where nothing is fetched: the address is then left out, and noted. */
  fetch?: (url: string, sha256: string | undefined) => Promise<Buffer>;
}

export interface ExpandInput {
  reader: IncludeReader;
  /** Of a text that is included by none. */
  originOf(text: ContextText): Origin;
  facts: VmFacts;
  /** What fails is left out, as if it all were optional. */
  isTolerant?: boolean;
}

export interface Expanded {
  /** Each behind what it includes, so that it overrides it. */
  texts: ContextText[];
  /** What was left out, and why, one line each. */
  notices: string[];
  /** Addresses that were not asked. */
  unread: string[];
}

export const INCLUDE_LIMITS = {
  /** In all, however often each. */
  count: 32,
  depth: 4,
  /** Of all that is included, once it is unpacked. */
  bytes: 4 * 1024 * 1024,
} as const;

const sha256Of = (bytes: Buffer): string => createHash('sha256').update(bytes).digest('hex');

const isRefused = (error: unknown): boolean =>
  isPilotageError(error) && error.code === 'context-invalid';

/**
 * The texts of a context with all that they include, which comes first, in the order of the lists. Each is
 * read as user-data is: in any form, within the same bounds. Names tell the chain: `site.yaml > base.yaml`.
 * @throws context-invalid with the place of the entry that asks for what is wrong
 */
export const expandIncludes = async (
  texts: readonly ContextText[],
  { reader, originOf, facts, isTolerant = false }: ExpandInput,
): Promise<Expanded> => {
  const notices: string[] = [];
  const unread: string[] = [];
  let count = 0;
  let bytesLeft: number = INCLUDE_LIMITS.bytes;

  const have = async (target: Target): Promise<Buffer | undefined> => {
    const { kind, id, sha256 } = target;
    if (kind === 'file') {
      const bytes = await reader.readFile(id);
      if (bytes !== undefined) return bytes;
      throw includeFailed(target, `there is no file ${id}`, 'put it there, or say optional: true');
    }
    if (reader.fetch !== undefined) return reader.fetch(id, sha256);
    unread.push(id);
    return undefined;
  };

  /** `undefined`: to be left out. */
  const bytesOf = async (target: Target): Promise<Buffer | undefined> => {
    try {
      return await have(target);
    } catch (error) {
      if (!isPilotageError(error)) throw error;
      const why = isRefused(error) ? error.message : `${target.id}: ${messageOf(error)}`;
      if (target.optional || isTolerant) {
        notices.push(`left out: ${why}`);
        return undefined;
      }
      if (isRefused(error)) throw error;
      const remedy = 'let it be read from this VM, or say optional: true';
      throw includeFailed(target, messageOf(error), remedy);
    }
  };

  const need = (target: Target, chain: readonly string[]): void => {
    const { id } = target;
    if (chain.includes(id))
      throw includeFailed(
        target,
        `it includes itself: ${[...chain.slice(chain.indexOf(id)), id].join(' > ')}`,
        'take one of these includes away',
      );
    if (chain.length >= INCLUDE_LIMITS.depth)
      throw includeFailed(
        target,
        'included too deeply',
        `at most ${INCLUDE_LIMITS.depth} files in a chain`,
      );
    count += 1;
    if (count > INCLUDE_LIMITS.count)
      throw includeFailed(target, 'too many includes', `at most ${INCLUDE_LIMITS.count} in all`);
  };

  const unpack = (target: Target, bytes: Buffer): ContextText[] => {
    const { id, sha256, place } = target;
    if (sha256 !== undefined && sha256Of(bytes) !== sha256)
      throw includeFailed(
        target,
        `the SHA-256 of ${id} is ${sha256Of(bytes)}`,
        'look at what changed, then give the new sha256',
      );
    const unpacked = readUserData(`${place.file} > ${id}`, bytes);
    bytesLeft -= unpacked.reduce((sum, { text }) => sum + Buffer.byteLength(text), 0);
    if (bytesLeft < 0)
      throw includeFailed(
        target,
        'what is included is too large',
        `at most ${INCLUDE_LIMITS.bytes / 1024 / 1024} MiB in all`,
      );
    return unpacked;
  };

  const expandAll = async (
    from: readonly ContextText[],
    origin: (text: ContextText) => Origin,
    chain: readonly string[],
  ): Promise<ContextText[]> => {
    const expanded: ContextText[] = [];
    for (const text of from) {
      for (const target of orNone(() => targetsOf(text, origin(text), facts)))
        expanded.push(...(await include(target, origin(text), chain)));
      expanded.push(text);
    }
    return expanded;
  };

  const include = async (
    target: Target,
    { allowed }: Origin,
    chain: readonly string[],
  ): Promise<ContextText[]> => {
    try {
      need(target, chain);
      const bytes = await bytesOf(target);
      if (bytes === undefined) return [];
      const folder = target.kind === 'file' ? dirname(target.id) : undefined;
      return await expandAll(unpack(target, bytes), () => ({ folder, allowed }), [
        ...chain,
        target.id,
      ]);
    } catch (error) {
      if (!isTolerant || !isRefused(error)) throw error;
      notices.push(`left out: ${messageOf(error)}`);
      return [];
    }
  };

  const orNone = (find: () => Target[]): Target[] => {
    try {
      return find();
    } catch (error) {
      if (!isTolerant || !isRefused(error)) throw error;
      notices.push(`left out: ${messageOf(error)}`);
      return [];
    }
  };

  return { texts: await expandAll(texts, originOf, []), notices, unread };
};

/** The problems of a refusal that may be gone once what was not read is there. */
export const mayBeIncluded = (problems: readonly Problem[]): boolean =>
  problems.every(({ code }) => code === 'missing-key');
