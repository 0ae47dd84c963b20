import type { DatabaseSync } from 'node:sqlite';
import type { LogPiece } from '../../protocol/heartbeat.ts';
import type { LogArrival } from '../fleet/vm-record.ts';
import { type LogLimits, planLogPiece, type Range } from './plan-log-piece.ts';
import { createLogQuota, type LogQuota } from './sqlite-log-quota.ts';
import { createWholeLogTable } from './sqlite-whole-logs.ts';
import {
  KEPT_LOG_BYTES,
  KEPT_LOG_SOURCES,
  type LogSource,
  type LogStretch,
  WHOLE_LOG_BYTES,
  type WholeLogArrival,
} from './storage.ts';

const LIMITS: LogLimits = { keptBytes: KEPT_LOG_BYTES, keptChunks: 128, chunkBytes: 32 * 1024 };

const blob = (value: unknown): Uint8Array =>
  value instanceof Uint8Array ? value : new Uint8Array(0);

/** The tables of logs. Synchronous: called inside a transaction, or to read. */
export const createLogTables = (database: DatabaseSync, quota: LogQuota) => {
  const whole = createWholeLogTable(database);
  const { enforce } = createLogQuota(database, quota);
  const bootOf = database.prepare(
    'SELECT boot_id FROM log_source WHERE vm_id = :vmId AND source = :source',
  );
  const touch = database.prepare(
    `INSERT INTO log_source (vm_id, source, boot_id, updated_ms)
     VALUES (:vmId, :source, :bootId, :nowMs)
     ON CONFLICT DO UPDATE SET boot_id = :bootId, updated_ms = :nowMs`,
  );
  const forgetSources = database.prepare(
    `DELETE FROM log_source WHERE vm_id = :vmId AND source IN
       (SELECT source FROM log_source WHERE vm_id = :vmId
        ORDER BY updated_ms DESC, source DESC LIMIT -1 OFFSET ${KEPT_LOG_SOURCES})`,
  );
  const forgetChunks = database.prepare(
    'DELETE FROM log_chunk WHERE vm_id = :vmId AND source = :source',
  );
  const ranges = database.prepare(
    `SELECT from_byte, from_byte + length(bytes) AS to_byte FROM log_chunk
     WHERE vm_id = :vmId AND source = :source ORDER BY from_byte`,
  );
  const insert = database.prepare(
    `INSERT INTO log_chunk (vm_id, source, from_byte, bytes)
     VALUES (:vmId, :source, :fromByte, :bytes)`,
  );
  const replace = database.prepare(
    `UPDATE log_chunk SET bytes = :bytes
     WHERE vm_id = :vmId AND source = :source AND from_byte = :fromByte`,
  );
  const drop = database.prepare(
    'DELETE FROM log_chunk WHERE vm_id = :vmId AND source = :source AND from_byte = :fromByte',
  );
  const chunk = database.prepare(
    'SELECT bytes FROM log_chunk WHERE vm_id = :vmId AND source = :source AND from_byte = :fromByte',
  );
  const sources = database.prepare(
    'SELECT source, updated_ms FROM log_source WHERE vm_id = ? ORDER BY source',
  );

  type Place = { vmId: string; source: string };
  const keptRanges = (place: Place): Range[] =>
    ranges
      .all(place)
      .map(row => ({ fromByte: Number(row.from_byte), toByte: Number(row.to_byte) }));

  /** A log that begins again at 0 in another boot is another log. */
  const beginsAnew = (place: Place, bootId: string, { fromByte }: LogPiece): boolean => {
    const known = bootOf.get(place)?.boot_id;
    return fromByte === 0 && known !== undefined && known !== bootId;
  };

  const addPiece = (place: Place, piece: LogPiece): void => {
    const bytes = Buffer.from(piece.text, 'utf8');
    const toByte = piece.fromByte + bytes.length;
    if (!Number.isSafeInteger(toByte)) return;
    const plan = planLogPiece(keptRanges(place), { fromByte: piece.fromByte, toByte }, LIMITS);
    for (const fromByte of plan.drop) drop.run({ ...place, fromByte });
    for (const { fromByte, toByte: end, onto } of plan.add) {
      const part = bytes.subarray(fromByte - piece.fromByte, end - piece.fromByte);
      if (onto === undefined) insert.run({ ...place, fromByte, bytes: part });
      else {
        const before = blob(chunk.get({ ...place, fromByte: onto })?.bytes);
        replace.run({ ...place, fromByte: onto, bytes: Buffer.concat([before, part]) });
      }
    }
  };

  const readTail = (place: Place, wanted: number): LogStretch | undefined => {
    const kept = keptRanges(place);
    const floor = (kept.at(-1)?.toByte ?? 0) - KEPT_LOG_BYTES;
    const from = Math.max(wanted, floor);
    const first = kept.findIndex(({ toByte }) => toByte > from);
    const begin = kept[first];
    if (begin === undefined) return undefined;
    const fromByte = Math.max(from, begin.fromByte);
    const parts: Uint8Array[] = [];
    let at = begin.fromByte;
    for (const range of kept.slice(first)) {
      if (range.fromByte !== at) break;
      parts.push(blob(chunk.get({ ...place, fromByte: at })?.bytes));
      at = range.toByte;
    }
    return { fromByte, bytes: Buffer.concat(parts).subarray(fromByte - begin.fromByte) };
  };

  return {
    add: ({ vmId, bootId, pieces, receivedMs }: LogArrival): void => {
      for (const piece of pieces) {
        const place = { vmId, source: piece.source };
        if (beginsAnew(place, bootId, piece)) forgetChunks.run(place);
        touch.run({ ...place, bootId, nowMs: receivedMs });
        addPiece(place, piece);
      }
      if (pieces.length === 0) return;
      forgetSources.run({ vmId });
      enforce(vmId);
    },
    addWhole: (arrival: WholeLogArrival): number => {
      const { vmId, bootId, source, size, receivedMs } = arrival;
      const place = { vmId, source };
      if (size < whole.nextByte(place)) whole.forget(place);
      touch.run({ ...place, bootId, nowMs: receivedMs });
      if (whole.add(arrival)) enforce(vmId);
      return Math.max(whole.nextByte(place), size - WHOLE_LOG_BYTES);
    },
    sources: (vmId: string): LogSource[] =>
      sources.all(vmId).flatMap(row => {
        const source = String(row.source);
        const updatedMs = Number(row.updated_ms);
        const tail = keptRanges({ vmId, source });
        const [first, last] = [tail[0], tail.at(-1)];
        const spans = [whole.span({ vmId, source })].filter(span => span !== undefined);
        if (first !== undefined && last !== undefined) {
          const fromByte = Math.max(first.fromByte, last.toByte - KEPT_LOG_BYTES);
          spans.push({ fromByte, toByte: last.toByte });
        }
        if (spans.length === 0) return [];
        const fromByte = Math.min(...spans.map(span => span.fromByte));
        const toByte = Math.max(...spans.map(span => span.toByte));
        return { source, fromByte, toByte, updatedMs };
      }),
    /** What came whole goes before the tail: it is byte by byte what was written. */
    read: (vmId: string, source: string, wanted: number): LogStretch | undefined => {
      const place = { vmId, source };
      const tail = readTail(place, wanted);
      const next = whole.firstFrom(place, wanted);
      return next !== undefined && (tail === undefined || next <= tail.fromByte)
        ? whole.read(place, next)
        : tail;
    },
  };
};
