import * as fs from 'node:fs/promises';
import { errnoOf, PilotageError } from './errors.ts';

/** Settings of the running kernel by their dotted names (sysctl(8)), such as `kernel.hostname`. */
export interface KernelSettings {
  /** `undefined` if this kernel has no such setting, or lets nobody read it. */
  read(key: string): Promise<string | undefined>;
  /** Fails with `file-failed`, also where the kernel refuses the value. */
  write(key: string, value: string): Promise<void>;
}

/** Of sysctl(8): dots part the folders; a setting is one line, its numbers parted by blanks. */
const pathOf = (key: string): string => `/proc/sys/${key.replaceAll('.', '/')}`;

const MISSING = new Set(['ENOENT', 'ENOTDIR', 'EISDIR', 'EACCES', 'EPERM']);

export const createKernelSettings = (): KernelSettings => ({
  read: async key => {
    try {
      return (await fs.readFile(pathOf(key), 'utf8')).trim().replaceAll(/\s+/g, ' ');
    } catch (error) {
      if (MISSING.has(errnoOf(error) ?? '')) return undefined;
      throw new PilotageError('file-failed', `cannot read the kernel's ${key}`, { key }, error);
    }
  },
  write: async (key, value) => {
    try {
      // Never created: what is not there, this kernel does not have.
      await fs.writeFile(pathOf(key), `${value}\n`, { flag: 'r+' });
    } catch (error) {
      throw new PilotageError(
        'file-failed',
        `the kernel did not take ${value} for ${key}`,
        { key, value, errno: errnoOf(error) },
        error,
      );
    }
  },
});
