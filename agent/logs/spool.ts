import * as v from 'valibot';
import type { Files } from '../../platform/files.ts';
import { parseJson } from '../../platform/parse-json.ts';
import type { SparseFiles } from '../../platform/sparse-files.ts';
import { PATHS } from '../paths.ts';
import type { OwnLogPiece } from './read-own-logs.ts';

/**
 * The logs that the pilots of one slot write themselves, copied piece by piece beside their output, so
 * that they are bounded, compressed and sent like it. No piece is copied twice, nor left out: what is
 * about to be copied is written down before, with the size that the copy has afterwards.
 */
export interface Spool {
  /** Where to go on in each of their files, by inode. */
  known(): Promise<ReadonlyMap<string, number>>;
  add(unit: string, pieces: readonly OwnLogPiece[]): Promise<void>;
}

const Mark = v.object({
  inode: v.string(),
  fromByte: v.number(),
  /** The byte behind the last that was copied, once the copy is as long as this. */
  toByte: v.number(),
  copy: v.string(),
  copyBytes: v.number(),
});
const Marks = v.object({ schemaVersion: v.literal(1), marks: v.array(Mark) });
type Mark = v.InferOutput<typeof Mark>;

const MOST_BYTES = 64 * 1024;
/** Files of one slot that are known, those read last. */
const MOST_FILES = 64;

export const createSpool = (
  { files, sparse }: { files: Files; sparse: SparseFiles },
  slot: string,
): Spool => {
  const path = `${PATHS.ownLogs}/${slot}.json`;
  let loaded: Mark[] | undefined;

  const sizeOf = async (copy: string): Promise<number> =>
    (await sparse.measure(`${PATHS.logs}/${copy}`))?.sizeBytes ?? 0;

  const load = async (): Promise<Mark[]> => {
    if (loaded !== undefined) return loaded;
    const text = await files.read(path, MOST_BYTES);
    const marks = (text === undefined ? undefined : parseJson(Marks, text))?.marks ?? [];
    // Only the last copy to each file can have been cut short.
    const last = new Map(marks.map(mark => [mark.copy, mark.inode]));
    loaded = [];
    for (const mark of marks) {
      const size = last.get(mark.copy) === mark.inode ? await sizeOf(mark.copy) : mark.copyBytes;
      const missing = Math.max(0, mark.copyBytes - size);
      const toByte = Math.max(mark.fromByte, mark.toByte - missing);
      loaded.push({ ...mark, toByte, copyBytes: mark.copyBytes - missing });
    }
    return loaded;
  };

  return {
    known: async () => new Map((await load()).map(({ inode, toByte }) => [inode, toByte])),
    add: async (unit, pieces) => {
      for (const { name, inode, fromByte, bytes } of pieces) {
        const marks = await load();
        const copy = `${unit}.log.${name}`;
        const before = marks.find(mark => mark.inode === inode);
        const gone = fromByte - (before?.toByte ?? fromByte);
        const note = gone > 0 ? Buffer.from(`[${gone} bytes are not here]\n`) : Buffer.alloc(0);
        const text = Buffer.concat([note, bytes]);
        const toByte = fromByte + bytes.length;
        const copyBytes = (await sizeOf(copy)) + text.length;
        const others = marks.filter(mark => mark.inode !== inode);
        const next = [...others, { inode, fromByte, toByte, copy, copyBytes }].slice(-MOST_FILES);
        // Until the copy is whole, only what is on the disk tells how far it came.
        loaded = undefined;
        await files.makeDirectory(PATHS.ownLogs, { mode: 0o700 });
        await files.write(path, JSON.stringify({ schemaVersion: 1, marks: next }), { mode: 0o600 });
        await sparse.append(`${PATHS.logs}/${copy}`, text);
        loaded = next;
      }
    },
  };
};
