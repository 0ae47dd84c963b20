import type { DatabaseSync } from 'node:sqlite';
import { gunzipSync } from 'node:zlib';
import { LIMITS } from '../../protocol/limits.ts';
import type { Range } from './plan-log-piece.ts';
import type { LogStretch, WholeLogArrival } from './storage.ts';

type Place = { vmId: string; source: string };

const blob = (value: unknown): Uint8Array =>
  value instanceof Uint8Array ? value : new Uint8Array(0);

/**
 * The table `log_whole`: logs that came from their beginning to their end, as the VM compressed them.
 * Synchronous: called inside a transaction, or to read.
 */
export const createWholeLogTable = (database: DatabaseSync) => {
  const end = database.prepare(
    'SELECT max(to_byte) AS to_byte FROM log_whole WHERE vm_id = :vmId AND source = :source',
  );
  const insert = database.prepare(
    `INSERT INTO log_whole (vm_id, source, from_byte, to_byte, packed)
     VALUES (:vmId, :source, :fromByte, :toByte, :packed)`,
  );
  const span = database.prepare(
    `SELECT min(from_byte) AS from_byte, max(to_byte) AS to_byte FROM log_whole
     WHERE vm_id = :vmId AND source = :source`,
  );
  const after = database.prepare(
    `SELECT from_byte FROM log_whole
     WHERE vm_id = :vmId AND source = :source AND to_byte > :at ORDER BY from_byte LIMIT 1`,
  );
  const covering = database.prepare(
    `SELECT from_byte, packed FROM log_whole
     WHERE vm_id = :vmId AND source = :source AND from_byte <= :at AND to_byte > :at`,
  );
  const forget = database.prepare('DELETE FROM log_whole WHERE vm_id = :vmId AND source = :source');
  const nextByte = (place: Place): number => Number(end.get(place)?.to_byte ?? 0);

  return {
    nextByte,
    /** A log that is shorter than what is kept of it is another log of the same name. */
    forget: (place: Place): void => void forget.run(place),
    /** False for what is there already, wholly or in part: it is then asked for from the right byte. */
    add: ({ vmId, source, chunk }: WholeLogArrival): boolean => {
      if (chunk === undefined || chunk.fromByte < nextByte({ vmId, source })) return false;
      insert.run({ vmId, source, ...chunk });
      return true;
    },
    /** From the first byte kept to the last; there may be gaps between. */
    span: (place: Place): Range | undefined => {
      const row = span.get(place);
      if (row === undefined || row.to_byte === null) return undefined;
      return { fromByte: Number(row.from_byte), toByte: Number(row.to_byte) };
    },
    /** The first byte that is there, from one on. */
    firstFrom: (place: Place, at: number): number | undefined => {
      const row = after.get({ ...place, at });
      return row === undefined ? undefined : Math.max(at, Number(row.from_byte));
    },
    /** The rest of the chunk that holds a byte. */
    read: (place: Place, at: number): LogStretch | undefined => {
      const row = covering.get({ ...place, at });
      if (row === undefined) return undefined;
      const bytes = gunzipSync(blob(row.packed), { maxOutputLength: LIMITS.wholeChunkBytes });
      return { fromByte: at, bytes: bytes.subarray(at - Number(row.from_byte)) };
    },
  };
};
