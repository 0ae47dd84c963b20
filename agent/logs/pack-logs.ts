import { promisify } from 'node:util';
import type { LogStore } from './log-store.ts';
import { tarEnd, tarHeader, tarPadding } from './tar-header.ts';

/** Bytes that are sent, and how many there are: a server is told before it gets them. */
export interface Packed {
  sizeBytes: number;
  /** Anew at each call, always the same. */
  open(): AsyncIterable<Buffer>;
}

const CHUNK_BYTES = 1024 * 1024;

const sizeOf = async (pieces: AsyncIterable<Buffer>): Promise<number> => {
  let sum = 0;
  for await (const piece of pieces) sum += piece.length;
  return sum;
};

/**
 * What is left of a log, compressed: gzip members one after the other are a gzip file (RFC 1952). It is
 * compressed twice, once to learn how long it gets, since it may not fit into memory or on the disk.
 */
export const packLog = async (store: LogStore, name: string, size: number): Promise<Packed> => {
  const open = async function* (): AsyncIterable<Buffer> {
    const { gzip } = await import('node:zlib');
    for (let at = 0; at < size; ) {
      const found = await store.read(name, at, Math.min(CHUNK_BYTES, size - at));
      if (found === undefined || found.bytes.length === 0) return;
      yield await promisify(gzip)(found.bytes, { level: 1 });
      at = found.fromByte + found.bytes.length;
    }
  };
  return { sizeBytes: await sizeOf(open()), open };
};

/** Several logs in one archive (tar), each compressed for itself: `00-1.out.gz`. */
export const packArchive = async (
  store: LogStore,
  names: readonly string[],
  nowS: number,
): Promise<Packed> => {
  const entries: { name: string; packed: Packed }[] = [];
  for (const name of names)
    entries.push({ name, packed: await packLog(store, name, (await store.size(name)) ?? 0) });
  const open = async function* (): AsyncIterable<Buffer> {
    for (const { name, packed } of entries) {
      yield tarHeader(`${name}.gz`, packed.sizeBytes, nowS);
      yield* packed.open();
      yield tarPadding(packed.sizeBytes);
    }
    yield tarEnd();
  };
  return { sizeBytes: await sizeOf(open()), open };
};
