import { appendFile, constants, lstat, open } from 'node:fs/promises';
import { errnoOf, PilotageError } from './errors.ts';
import type { Exec } from './exec.ts';
import type { Files } from './files.ts';

export interface FileSpread {
  sizeBytes: number;
  /** What it takes on the disk: less than its size where it has holes. */
  diskBytes: number;
  /** ms since 1970. */
  modifiedMs: number;
}

/** Files of which the beginning may be given back to the disk while somebody goes on appending to them. */
export interface SparseFiles {
  /** `undefined` if there is no regular file. */
  measure(path: string): Promise<FileSpread | undefined>;
  /**
   * Gives the bytes before an offset back (fallocate(2), FALLOC_FL_PUNCH_HOLE). Its size and every
   * other byte stay as they are, and what is appended meanwhile is not touched. Fails with
   * `command-failed` on a filesystem that knows no holes.
   */
  punch(path: string, toByte: number): Promise<void>;
  /** Fills a buffer from an offset on; how many bytes there were. */
  read(path: string, fromByte: number, into: Buffer): Promise<number>;
  /** Adds to its end; made if it is missing, for its owner alone. */
  append(path: string, bytes: Buffer): Promise<void>;
}

const PUNCH_MS = 60_000;
/** Of stat(2): blocks are counted by 512 bytes, whatever the filesystem. */
const BLOCK_BYTES = 512;

export const createSparseFiles = (files: Files, exec: Exec): SparseFiles => ({
  measure: async path => {
    try {
      const stat = await lstat(files.locate(path));
      if (!stat.isFile()) return undefined;
      return {
        sizeBytes: stat.size,
        diskBytes: stat.blocks * BLOCK_BYTES,
        modifiedMs: stat.mtimeMs,
      };
    } catch (error) {
      const errno = errnoOf(error);
      if (errno === 'ENOENT' || errno === 'ENOTDIR') return undefined;
      throw new PilotageError('file-failed', `cannot look at ${path}`, { path, errno }, error);
    }
  },
  read: async (path, fromByte, into) => {
    try {
      const flags = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;
      const handle = await open(files.locate(path), flags);
      try {
        let done = 0;
        for (let bytesRead = -1; done < into.length && bytesRead !== 0; done += bytesRead)
          ({ bytesRead } = await handle.read(into, done, into.length - done, fromByte + done));
        return done;
      } finally {
        await handle.close();
      }
    } catch (error) {
      const errno = errnoOf(error);
      throw new PilotageError('file-failed', `cannot read ${path}`, { path, errno }, error);
    }
  },
  append: async (path, bytes) => {
    try {
      await appendFile(files.locate(path), bytes, { mode: 0o600 });
    } catch (error) {
      const errno = errnoOf(error);
      throw new PilotageError('file-failed', `cannot add to ${path}`, { path, errno }, error);
    }
  },
  punch: async (path, toByte) => {
    if (toByte <= 0) return;
    const range = ['--punch-hole', '--offset', '0', '--length', String(toByte)];
    await exec.run('fallocate', [...range, files.locate(path)], { timeoutMs: PUNCH_MS });
  },
});
