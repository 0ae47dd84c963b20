import type { LogPiece } from '../../protocol/heartbeat.ts';
import { LIMITS } from '../../protocol/limits.ts';
import { newestRuns, parseLogName } from '../logs/log-name.ts';
import type { LogBytes, LogStore } from '../logs/log-store.ts';
import type { LogRing } from './log-ring.ts';
import { toText } from './to-text.ts';

/** What has been written since the receiver last acknowledged; far behind, only the end is sent. */
export interface LogTails {
  /**
   * At most so many bytes of all logs together, the agent's own first. Where they do not suffice, logs
   * take turns: what was sent least lately goes first.
   */
  collect(maxBytes: number): Promise<LogPiece[]>;
  /** The receiver has these. */
  acknowledge(pieces: readonly LogPiece[]): void;
}

const AGENT = 'agent';
const NOTHING = Buffer.alloc(0);
/** Less of a log says little, and a piece costs as much again. */
const LEAST_BYTES = 512;

/** Logs of each slot's newest run, and those of earlier runs. */
const byAge = (sources: readonly string[]): { live: string[]; old: string[] } => {
  const newest = newestRuns(sources.map(parseLogName).filter(unit => unit !== undefined));
  const isOld = (source: string): boolean => {
    const unit = parseLogName(source);
    return unit !== undefined && unit.generation < (newest.get(unit.slot) ?? 0);
  };
  return {
    live: sources.filter(source => !isOld(source)),
    old: sources.filter(isOld),
  };
};

export const createLogTails = (store: LogStore, ring: LogRing): LogTails => {
  /** In the order in which they were last sent. */
  const acknowledged = new Map<string, number>();
  /** Logs of ended runs of which the receiver has the end: they are looked at no more. */
  const settled = new Set<string>();

  /** Those that have grown, those that were never sent first, then those sent least lately. */
  const findGrown = async (): Promise<{ source: string; size: number }[]> => {
    const { live, old } = byAge(await store.names());
    const waiting = old.filter(source => !settled.has(source));
    const turns = new Map([...acknowledged.keys()].map((source, turn) => [source, turn]));
    const inTurn = (sources: readonly string[]): string[] =>
      sources.toSorted((a, b) => (turns.get(a) ?? -1) - (turns.get(b) ?? -1));
    const grown: { source: string; size: number }[] = [];
    for (const source of [...inTurn(live), ...inTurn(waiting)]) {
      const size = await store.size(source);
      if (size !== undefined && size > (acknowledged.get(source) ?? 0))
        grown.push({ source, size });
      else if (waiting.includes(source)) settled.add(source);
    }
    return grown;
  };

  const readEnd = async (source: string, size: number, maxBytes: number): Promise<LogBytes> => {
    const start = Math.max(acknowledged.get(source) ?? 0, size - maxBytes);
    return (await store.read(source, start, maxBytes)) ?? { fromByte: start, bytes: NOTHING };
  };

  return {
    collect: async maxBytes => {
      const grown = await findGrown();
      const pieces: LogPiece[] = [];
      let left = maxBytes;
      const take = (source: string, { fromByte, bytes }: LogBytes) => {
        const text = toText(bytes);
        if (text === '') return;
        pieces.push({ source, fromByte, text });
        left -= bytes.length;
      };
      /** An equal part of what is left, for each log that is still to come. */
      const partOf = (waiting: number): number =>
        Math.min(left, LIMITS.logPieceChars, Math.max(LEAST_BYTES, Math.floor(left / waiting)));
      const own = partOf(grown.length + 1);
      const from = Math.max(acknowledged.get(AGENT) ?? 0, ring.size() - own);
      take(AGENT, ring.piece(from, own));
      for (const [index, { source, size }] of grown.entries()) {
        if (left <= 0 || pieces.length === LIMITS.logPieces) break;
        take(source, await readEnd(source, size, partOf(grown.length - index)));
      }
      return pieces;
    },
    acknowledge: pieces => {
      for (const { source, fromByte, text } of pieces) {
        const end = Math.max(acknowledged.get(source) ?? 0, fromByte + Buffer.byteLength(text));
        acknowledged.delete(source);
        acknowledged.set(source, end);
      }
    },
  };
};
