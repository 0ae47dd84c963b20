import { randomBytes } from 'node:crypto';
import {
  closeSync,
  fchmodSync,
  fchownSync,
  openSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { constants, type FileHandle, open, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';

export interface Ownership {
  uid: number;
  gid: number;
}

export interface WriteOptions {
  /** Permission bits; always set exactly, whatever the umask. */
  mode: number;
  owner?: Ownership | undefined;
}

export interface FileOptions extends WriteOptions {
  /** It lies in memory anyway: it is replaced as a whole, but need not outlive a power cut. */
  inMemory?: boolean;
}

/** Gives an open file or folder its owner, where we may, and then its mode. */
export const createSettle =
  (mayChown: boolean) =>
  async (handle: FileHandle, { owner, mode }: WriteOptions): Promise<void> => {
    if (owner !== undefined && mayChown) await handle.chown(owner.uid, owner.gid);
    await handle.chmod(mode);
  };

/** Names for what is yet to be renamed, unlike those of any other process. */
export const createBesideOf = (): ((target: string) => string) => {
  const ours = randomBytes(4).toString('hex');
  let besides = 0;
  return target => {
    besides += 1;
    return `${target}.${ours}-${besides}.new`;
  };
};

/** Puts a new file in the place of what was there: beside it first, then renamed. */
export const createReplace = (mayChown: boolean, besideOf: (target: string) => string) => {
  const settle = createSettle(mayChown);

  /** Such a file is written sooner than another thread could be told to. */
  const replaceAtOnce = (
    target: string,
    beside: string,
    content: string | Buffer,
    { mode, owner }: WriteOptions,
  ): void => {
    try {
      const file = openSync(beside, 'wx', 0o600);
      try {
        writeFileSync(file, content);
        if (owner !== undefined && mayChown) fchownSync(file, owner.uid, owner.gid);
        fchmodSync(file, mode);
      } finally {
        closeSync(file);
      }
      renameSync(beside, target);
    } catch (error) {
      rmSync(beside, { force: true });
      throw error;
    }
  };

  return async (target: string, content: string | Buffer, options: FileOptions): Promise<void> => {
    const beside = besideOf(target);
    if (options.inMemory === true) return replaceAtOnce(target, beside, content, options);
    try {
      const handle = await open(beside, 'wx', 0o600);
      try {
        await handle.writeFile(content);
        await settle(handle, options);
        await handle.sync();
      } finally {
        await handle.close();
      }
      await rename(beside, target);
    } catch (error) {
      await rm(beside, { force: true });
      throw error;
    }
    const folder = await open(dirname(target), constants.O_RDONLY);
    try {
      await folder.sync();
    } finally {
      await folder.close();
    }
  };
};
