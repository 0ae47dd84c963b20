import { closeSync, openSync, readSync, watch } from 'node:fs';
import * as fs from 'node:fs/promises';
import { constants, open } from 'node:fs/promises';
import { dirname, join, normalize } from 'node:path';
import { errnoOf, PilotageError } from './errors.ts';
import { makeFolderBelow } from './make-folder-below.ts';
import {
  createBesideOf,
  createReplace,
  createSettle,
  type FileOptions,
  type Ownership,
  type WriteOptions,
} from './replace-file.ts';

export type { FileOptions, Ownership, WriteOptions };

export interface FileFacts {
  kind: 'file' | 'directory' | 'other';
  sizeBytes: number;
  mode: number;
  uid: number;
  gid: number;
}

/**
 * The files of one machine. Every path is absolute on that machine; where the machine is a folder
 * (`--root`), the folder is put before it, and no `..` leads out.
 */
export interface Files {
  /** Where a path of the machine lies for this process. */
  locate(path: string): string;
  /** `undefined` if there is no such file; `file-too-large` above the bound. */
  read(path: string, maxBytes: number): Promise<string | undefined>;
  /** The same, as the bytes that they are. */
  readBytes(path: string, maxBytes: number): Promise<Buffer | undefined>;
  /**
   * A file of /proc or /sys, read at once: the kernel makes it up, so that nothing is waited for, and the
   * way through threads would cost ten times what the file does. `undefined` if there is none.
   */
  readKernel(path: string, maxBytes: number): string | undefined;
  /** Bytes of a regular file from an offset on; empty at its end, `undefined` if there is none. */
  readPiece(path: string, fromByte: number, maxBytes: number): Promise<Buffer | undefined>;
  /** Written beside, synced, renamed: a reader sees the old or the new, and so does a power cut. */
  write(path: string, content: string | Buffer, options: FileOptions): Promise<void>;
  /** Overwrites a file of a fixed size in place, so that a full disk cannot stop it. */
  overwrite(path: string, content: string, sizeBytes: number): Promise<void>;
  /** What a symbolic link holds; `undefined` if there is none, or something else. */
  readLink(path: string): Promise<string | undefined>;
  /** Makes a symbolic link in the place of what was there, at once; what it holds is written as given. */
  makeLink(path: string, target: string): Promise<void>;
  /** With the folders above it, which get 0755 where they did not exist. */
  makeDirectory(path: string, options: WriteOptions): Promise<void>;
  /**
   * The same below a folder that belongs to somebody else: no link below it is followed.
   * @param below names of the folders, separated by slashes
   */
  makeDirectoryIn(base: string, below: string, options: WriteOptions): Promise<void>;
  facts(path: string): Promise<FileFacts | undefined>;
  setAccess(path: string, options: WriteOptions): Promise<void>;
  /** Names in a folder, sorted; empty if there is none. */
  list(path: string): Promise<string[]>;
  /** Gone afterwards, with all below it; no error if it never was. */
  remove(path: string): Promise<void>;
  /** Free bytes of the filesystem that holds a path. */
  freeBytes(path: string): Promise<number>;
  /** Size of that filesystem. */
  totalBytes(path: string): Promise<number>;
  /**
   * What of that filesystem programs can still have, from 0 to 1; of inodes only where it counts them.
   */
  freeShares(path: string): Promise<{ bytes: number; inodes?: number }>;
  /** Calls back after changes in a folder, until stopped; `file-failed` if there is none. */
  watch(path: string, changed: () => void): { stop(): void };
}

const failed = (verb: string, path: string, error: unknown): PilotageError =>
  new PilotageError(
    'file-failed',
    `cannot ${verb} ${path}`,
    { path, errno: errnoOf(error) },
    error,
  );

/**
 * @param root the folder that stands for the machine, `/` for the real one
 * @param mayChown false where the process is not root: owners are then left as they are
 */
export const createFiles = (root = '/', mayChown = process.getuid?.() === 0): Files => {
  const locate = (path: string): string => join(root, normalize(join('/', path)));
  const tooLarge = (path: string, maxBytes: number): PilotageError =>
    new PilotageError('file-too-large', `${locate(path)} is larger than ${maxBytes} bytes`, {
      ...{ path, maxBytes },
    });

  const guarded = async <T>(verb: string, path: string, work: () => Promise<T>): Promise<T> => {
    try {
      return await work();
    } catch (error) {
      throw error instanceof PilotageError ? error : failed(verb, locate(path), error);
    }
  };
  const orUndefined = async <T>(work: () => Promise<T>): Promise<T | undefined> => {
    try {
      return await work();
    } catch (error) {
      const errno = errnoOf(error);
      if (errno === 'ENOENT' || errno === 'ENOTDIR') return undefined;
      throw error;
    }
  };
  const settle = createSettle(mayChown);
  const besideOf = createBesideOf();
  const replace = createReplace(mayChown, besideOf);

  const files: Files = {
    locate,
    read: async (path, maxBytes) => (await files.readBytes(path, maxBytes))?.toString('utf8'),
    readBytes: (path, maxBytes) =>
      guarded('read', path, () =>
        orUndefined(async () => {
          const handle = await open(locate(path), constants.O_RDONLY);
          try {
            // Files of /proc have no size, so the bound is held while reading.
            const buffer = Buffer.alloc(Math.min(maxBytes + 1, 64 * 1024));
            const pieces: Buffer[] = [];
            for (let total = 0; ; ) {
              const { bytesRead } = await handle.read(buffer, 0, buffer.length, null);
              if (bytesRead === 0) return Buffer.concat(pieces);
              total += bytesRead;
              if (total > maxBytes) throw tooLarge(path, maxBytes);
              pieces.push(Buffer.from(buffer.subarray(0, bytesRead)));
            }
          } finally {
            await handle.close();
          }
        }),
      ),
    readKernel: (path, maxBytes) => {
      let handle: number | undefined;
      try {
        handle = openSync(locate(path), constants.O_RDONLY);
        const buffer = Buffer.allocUnsafe(maxBytes + 1);
        // A page at a time is what some of them give.
        for (let total = 0; ; ) {
          const bytesRead = readSync(handle, buffer, total, buffer.length - total, null);
          total += bytesRead;
          if (total > maxBytes) throw tooLarge(path, maxBytes);
          if (bytesRead === 0) return buffer.toString('utf8', 0, total);
        }
      } catch (error) {
        const errno = errnoOf(error);
        if (errno === 'ENOENT' || errno === 'ENOTDIR') return undefined;
        throw error instanceof PilotageError ? error : failed('read', locate(path), error);
      } finally {
        if (handle !== undefined) closeSync(handle);
      }
    },
    readPiece: (path, fromByte, maxBytes) =>
      guarded('read', path, () =>
        orUndefined(async () => {
          const handle = await open(
            locate(path),
            constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK,
          );
          try {
            if (!(await handle.stat()).isFile()) return undefined;
            const buffer = Buffer.alloc(maxBytes);
            const { bytesRead } = await handle.read(buffer, 0, maxBytes, fromByte);
            return buffer.subarray(0, bytesRead);
          } finally {
            await handle.close();
          }
        }),
      ),
    write: (path, content, options) =>
      guarded('write', path, () => replace(locate(path), content, options)),
    readLink: path =>
      guarded('read the link', path, async () => {
        try {
          return await orUndefined(() => fs.readlink(locate(path)));
        } catch (error) {
          if (errnoOf(error) === 'EINVAL') return undefined;
          throw error;
        }
      }),
    makeLink: (path, target) =>
      guarded('make the link', path, async () => {
        const beside = besideOf(locate(path));
        try {
          await fs.symlink(target, beside);
          await fs.rename(beside, locate(path));
        } catch (error) {
          await fs.rm(beside, { force: true });
          throw error;
        }
      }),
    overwrite: (path, content, sizeBytes) =>
      guarded('overwrite', path, async () => {
        const bytes = Buffer.alloc(sizeBytes, ' ');
        if (Buffer.byteLength(content) > sizeBytes)
          throw new PilotageError('file-too-large', `${locate(path)} holds ${sizeBytes} bytes`, {
            path,
          });
        bytes.write(content);
        const handle = await open(locate(path), constants.O_WRONLY | constants.O_CREAT, 0o600);
        try {
          // Not truncated first, so the blocks stay its own; goes on after a short write.
          await handle.writeFile(bytes);
          await handle.sync();
        } finally {
          await handle.close();
        }
      }),
    makeDirectory: (path, options) =>
      guarded('make the folder', path, async () => {
        const target = locate(path);
        const first = await fs.mkdir(target, { recursive: true, mode: 0o755 });
        const parents = (at: string): string[] =>
          first === undefined || at.length < first.length ? [] : [at, ...parents(dirname(at))];
        for (const parent of parents(dirname(target))) await fs.chmod(parent, 0o755);
        await files.setAccess(path, options);
      }),
    makeDirectoryIn: (base, below, options) =>
      guarded('make the folder', `${base}/${below}`, () =>
        makeFolderBelow(locate(base), normalize(join('/', below)).split('/').slice(1), folder =>
          settle(folder, options),
        ),
      ),
    facts: path =>
      guarded('look at', path, () =>
        orUndefined(async () => {
          const stat = await fs.lstat(locate(path));
          return {
            kind: stat.isFile() ? 'file' : stat.isDirectory() ? 'directory' : 'other',
            sizeBytes: stat.size,
            mode: stat.mode & 0o7777,
            uid: stat.uid,
            gid: stat.gid,
          };
        }),
      ),
    setAccess: (path, options) =>
      guarded('set the access of', path, async () => {
        if (options.owner !== undefined && mayChown)
          await fs.lchown(locate(path), options.owner.uid, options.owner.gid);
        await fs.chmod(locate(path), options.mode);
      }),
    list: path =>
      guarded('list', path, async () =>
        ((await orUndefined(() => fs.readdir(locate(path)))) ?? []).sort(),
      ),
    remove: path =>
      guarded('remove', path, async () => {
        if (locate(path) === locate('/'))
          throw new PilotageError('file-failed', 'refusing to remove the whole machine', { path });
        await fs.rm(locate(path), { recursive: true, force: true });
      }),
    freeBytes: path =>
      guarded('measure', path, async () => {
        const { bavail, bsize } = await fs.statfs(locate(path));
        return bavail * bsize;
      }),
    totalBytes: path =>
      guarded('measure', path, async () => {
        const { blocks, bsize } = await fs.statfs(locate(path));
        return blocks * bsize;
      }),
    freeShares: path =>
      guarded('measure', path, async () => {
        const { blocks, bfree, bavail, files: inodes, ffree } = await fs.statfs(locate(path));
        // As df(1) counts: what is kept for root is neither used nor free.
        const had = blocks - bfree + bavail;
        return {
          bytes: had > 0 ? bavail / had : 0,
          ...(inodes > 0 ? { inodes: ffree / inodes } : {}),
        };
      }),
    watch: (path, changed) => {
      try {
        const watcher = watch(locate(path), { persistent: false }, changed);
        watcher.on('error', () => watcher.close());
        return { stop: () => watcher.close() };
      } catch (error) {
        throw failed('watch', locate(path), error);
      }
    },
  };
  return files;
};
