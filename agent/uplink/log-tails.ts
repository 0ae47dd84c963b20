import type { Files } from '../../platform/files.ts';
import type { LogPiece } from '../../protocol/heartbeat.ts';
import { LIMITS } from '../../protocol/limits.ts';
import { PATHS } from '../paths.ts';
import type { LogRing } from './log-ring.ts';

/** What has been written since the receiver last acknowledged; far behind, only the end is sent. */
export interface LogTails {
  /** At most so many bytes of each source, and of all together; the agent's own log comes first. */
  collect(maxBytesEach: number, maxBytesAll: number): Promise<LogPiece[]>;
  /** The receiver has these. */
  acknowledge(pieces: readonly LogPiece[]): void;
}

const AGENT = 'agent';

/** Ends at a whole character; what is not UTF-8 becomes one `?` a byte, so that offsets stay true. */
export const toText = (bytes: Buffer): string => {
  let end = bytes.length;
  for (let back = 1; back <= Math.min(3, bytes.length); back += 1) {
    const byte = bytes[bytes.length - back] ?? 0;
    if (byte < 0x80) break;
    if (byte >= 0xc0) {
      const needed = byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : 2;
      if (needed > back) end = bytes.length - back;
      break;
    }
  }
  const whole = bytes.subarray(0, end);
  const text = whole.toString('utf8');
  return Buffer.byteLength(text) === whole.length && !text.includes('\uFFFD')
    ? text
    : whole.toString('latin1').replace(/[^\n\t\x20-\x7E]/g, '?');
};

export const createLogTails = (files: Files, ring: LogRing): LogTails => {
  const acknowledged = new Map<string, number>();

  const readPilotLog = async (source: string, from: number, maxBytes: number) => {
    const path = `${PATHS.logs}/${source}`;
    const facts = await files.facts(path);
    if (facts?.kind !== 'file' || facts.sizeBytes <= from) return undefined;
    const size = facts.sizeBytes;
    const start = Math.max(from, size - maxBytes);
    return {
      fromByte: start,
      bytes: (await files.readPiece(path, start, maxBytes)) ?? Buffer.alloc(0),
    };
  };

  return {
    collect: async (maxBytesEach, maxBytesAll) => {
      const pieces: LogPiece[] = [];
      let left = maxBytesAll;
      for (const source of [AGENT, ...(await files.list(PATHS.logs))].slice(0, 10_000)) {
        if (left <= 0 || pieces.length === LIMITS.logPieces) break;
        const from = acknowledged.get(source) ?? 0;
        const maxBytes = Math.min(maxBytesEach, left, LIMITS.logPieceChars);
        const piece =
          source === AGENT
            ? ring.piece(Math.max(from, ring.size() - maxBytes), maxBytes)
            : await readPilotLog(source, from, maxBytes);
        const text = piece === undefined ? '' : toText(piece.bytes);
        if (piece === undefined || text === '') continue;
        pieces.push({ source, fromByte: piece.fromByte, text });
        left -= piece.bytes.length;
      }
      return pieces;
    },
    acknowledge: pieces => {
      for (const { source, fromByte, text } of pieces)
        acknowledged.set(
          source,
          Math.max(acknowledged.get(source) ?? 0, fromByte + Buffer.byteLength(text)),
        );
    },
  };
};
