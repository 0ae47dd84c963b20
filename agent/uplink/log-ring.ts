import { LIMITS } from '../../protocol/limits.ts';

/** The last lines of the agent's own log, kept in memory for the receiver. */
export interface LogRing {
  add(line: string): void;
  /** The offset of the next byte. */
  size(): number;
  /** From an offset on, or from the oldest byte still kept. */
  piece(fromByte: number, maxBytes: number): { fromByte: number; bytes: Buffer };
}

const KEPT_BYTES = 2 * LIMITS.logPieceChars;

/**
 * @param fromByte where its count begins. It must be beyond what an earlier agent on this VM has
 *   counted, or the receiver takes new lines for old ones; `offsetAt` gives such a number.
 */
export const createLogRing = (fromByte = 0): LogRing => {
  let kept = Buffer.alloc(0);
  let size = fromByte;
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

/** An offset that no earlier agent has reached unless it wrote a megabyte in every second of its life. */
export const offsetAt = (wallMs: number): number => Math.floor(wallMs) * 1000;
