import { promisify } from 'node:util';
import type { Files } from '../../platform/files.ts';
import type { Log } from '../../platform/log.ts';
import type { SparseFiles } from '../../platform/sparse-files.ts';
import { PATHS } from '../paths.ts';
import type { LogFile } from './log-file.ts';
import { newestRuns, parseLogName } from './log-name.ts';
import { type LogParts, loadLogParts } from './log-parts.ts';
import { partName } from './part-name.ts';
import type { UpkeepStep } from './plan-upkeep.ts';

/** Bytes of a log from an offset on; where those before are gone, from the first that there are. */
export interface LogBytes {
  fromByte: number;
  bytes: Buffer;
}

/** What pilots have written, on the disk. An offset counts all bytes ever written to a log, and stays true. */
export interface LogStore {
  names(): Promise<string[]>;
  /** Bytes ever written; `undefined` if there is no such log. */
  size(name: string): Promise<number | undefined>;
  /** Empty at its end, and not beyond the end of a part; `undefined` if there is no such log. */
  read(name: string, fromByte: number, maxBytes: number): Promise<LogBytes | undefined>;
  /** All logs, with what they take on the disk. */
  survey(): Promise<LogFile[]>;
  perform(step: UpkeepStep): Promise<void>;
}

/** A part that was damaged, or never ours, must not grow without end. */
const MOST_PART_BYTES = 16 * 1024 * 1024;
const pathOf = (name: string): string => `${PATHS.logs}/${name}`;
const partPath = (name: string, part: { from: number; to: number }): string =>
  `${PATHS.oldLogs}/${partName(name, part)}`;

/** Compression is loaded once a log is long enough to need it; it works beside the ticks, on its own threads. */
const loadZip = async () => {
  const { gzip, gunzip } = await import('node:zlib');
  return { gzip: promisify(gzip), gunzip: promisify(gunzip) };
};

export const createLogStore = (ports: {
  files: Files;
  sparse: SparseFiles;
  log: Log;
}): LogStore => {
  const { files, sparse } = ports;
  let loading: Promise<LogParts> | undefined;
  /** For what is compressed, one part after the other: a new one each time would swell the process. */
  let buffer: Buffer | undefined;
  /** Logs that nobody writes to any more, as they were last seen. */
  const settled = new Map<string, LogFile>();

  const names = async (): Promise<string[]> =>
    (await files.list(PATHS.logs)).filter(name => parseLogName(name) !== undefined);
  const loadParts = (): Promise<LogParts> => {
    loading ??= names().then(known => loadLogParts(ports, new Set(known)));
    return loading;
  };

  const readPart = async (
    name: string,
    part: { from: number; to: number },
    fromByte: number,
    maxBytes: number,
  ): Promise<LogBytes> => {
    const start = Math.max(fromByte, part.from);
    const packed = await files.readBytes(partPath(name, part), MOST_PART_BYTES);
    if (packed === undefined) return { fromByte: part.to, bytes: Buffer.alloc(0) };
    const { gunzip } = await loadZip();
    const bytes = await gunzip(packed, { maxOutputLength: MOST_PART_BYTES });
    const index = start - part.from;
    return { fromByte: start, bytes: bytes.subarray(index, index + maxBytes) };
  };

  const read: LogStore['read'] = async (name, fromByte, maxBytes) => {
    const parts = await loadParts();
    for (let at = fromByte; ; ) {
      const beside = parts.of(name);
      const part = beside.parts.find(({ to }) => to > at);
      if (at < beside.floor && part !== undefined) {
        const found = await readPart(name, part, at, maxBytes);
        if (found.bytes.length > 0) return found;
        at = found.fromByte;
        continue;
      }
      const start = Math.max(at, beside.floor);
      const bytes = await files.readPiece(pathOf(name), start, maxBytes);
      // What was given up while it was being read may be a hole by now.
      if (parts.of(name).floor <= start)
        return bytes === undefined ? undefined : { fromByte: start, bytes };
    }
  };

  const compress = async (name: string, from: number, to: number): Promise<void> => {
    if (buffer === undefined || buffer.length < to - from)
      buffer = Buffer.allocUnsafeSlow(to - from);
    const bytes = buffer.subarray(0, to - from);
    if ((await sparse.read(pathOf(name), from, bytes)) !== bytes.length) return;
    const { gzip } = await loadZip();
    const packed = await gzip(bytes, { level: 1 });
    await files.makeDirectory(PATHS.oldLogs, { mode: 0o700 });
    await files.write(partPath(name, { from, to }), packed, { mode: 0o600 });
    (await loadParts()).add(name, { from, to, diskBytes: packed.length });
  };

  const raise = async (name: string, floor: number): Promise<void> => {
    const parts = await loadParts();
    const save = async (): Promise<void> => {
      await files.makeDirectory(PATHS.oldLogs, { mode: 0o700 });
      await parts.save(name);
    };
    parts.raise(name, floor);
    const isSaved = await save().then(
      () => true,
      () => false,
    );
    await sparse.punch(pathOf(name), floor);
    // On a disk that was full there is room now.
    if (!isSaved) await save();
  };

  const look = async (name: string, parts: LogParts): Promise<LogFile | undefined> => {
    const known = settled.get(name);
    if (known !== undefined) return known;
    const parsed = parseLogName(name);
    const spread = await sparse.measure(pathOf(name));
    if (parsed === undefined || spread === undefined) return undefined;
    return { ...parsed, ...spread, ...parts.of(name), name };
  };

  return {
    names,
    size: async name => (await sparse.measure(pathOf(name)))?.sizeBytes,
    read,
    survey: async () => {
      const parts = await loadParts();
      const found: LogFile[] = [];
      for (const name of await names()) {
        const file = await look(name, parts);
        if (file !== undefined) found.push(file);
      }
      const newest = newestRuns(found);
      settled.clear();
      // Two runs on, whatever was written last is long on the disk.
      for (const file of found)
        if (file.generation + 1 < (newest.get(file.slot) ?? 0)) settled.set(file.name, file);
      return found;
    },
    perform: async step => {
      settled.delete(step.name);
      const parts = await loadParts();
      if (step.do === 'compress') await compress(step.name, step.from, step.to);
      else if (step.do === 'raise') await raise(step.name, step.floor);
      else if (step.do === 'remove-part') await parts.remove(step.name, step.from);
      else {
        await files.remove(pathOf(step.name));
        await parts.removeAll(step.name);
      }
    },
  };
};
