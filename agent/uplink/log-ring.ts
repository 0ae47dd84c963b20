import { LIMITS } from '../../protocol/limits.ts';

/** The last lines of the agent's own log, kept in memory for the receiver. */
export interface LogRing {
  add(line: string): void;
  /** Bytes ever added. */
  size(): number;
  /** From an offset on, or from the oldest byte still kept. */
  piece(fromByte: number, maxBytes: number): { fromByte: number; bytes: Buffer };
}

const KEPT_BYTES = 2 * LIMITS.logPieceChars;

export const createLogRing = (): LogRing => {
  let kept = Buffer.alloc(0);
  let size = 0;
  return {
    add: line => {
      const joined = Buffer.concat([kept, Buffer.from(line)]);
      size += joined.length - kept.length;
      kept = joined.subarray(Math.max(0, joined.length - KEPT_BYTES));
    },
    size: () => size,
    piece: (fromByte, maxBytes) => {
      const start = Math.max(fromByte, size - kept.length);
      const index = start - (size - kept.length);
      return { fromByte: start, bytes: kept.subarray(index, index + maxBytes) };
    },
  };
};
