import { randomBytes } from 'node:crypto';
import { PilotageError } from '../../../platform/errors.ts';
import { type Exec, SYSTEM_ENV } from '../../../platform/exec.ts';
import { createFiles, type Files } from '../../../platform/files.ts';
import { PATHS } from '../../paths.ts';

/** Small read-only disks by which a cloud hands data to a VM, found by the labels of their filesystems. */
export interface Disks {
  /** Opens a disk, hands its files to `read`, and closes it again, whatever happens. */
  use<T>(label: string, signal: AbortSignal, read: (files: Files) => Promise<T>): Promise<T>;
}

const MOUNT_MS = 30_000;
const folderOf = (label: string): string => `/dev/disk/by-label/${label}`;

/** Such disks are ISO 9660 or vfat; nothing else is let near the kernel's parsers. */
const MOUNT_ARGS = ['-t', 'iso9660,vfat', '-o', 'ro,nosuid,nodev,noexec'];

/** Mounted read-only in a folder that only root can enter. */
export const createMountedDisks = (files: Files, exec: Exec): Disks => ({
  use: async (label, signal, read) => {
    await files.makeDirectory(PATHS.run, { mode: 0o755 });
    await files.makeDirectory(PATHS.disks, { mode: 0o700 });
    const folder = `${PATHS.disks}/${label}-${randomBytes(4).toString('hex')}`;
    await files.makeDirectory(folder, { mode: 0o700 });
    const target = files.locate(folder);
    let isMounted = false;
    try {
      await exec.run('mount', [...MOUNT_ARGS, files.locate(folderOf(label)), target], {
        timeoutMs: MOUNT_MS,
        env: SYSTEM_ENV,
        signal,
      });
      isMounted = true;
      return await read(createFiles(target, false));
    } finally {
      // Without the signal: what was opened is closed. Lazily, so that nothing can keep it open.
      if (isMounted)
        await exec.run('umount', ['-l', target], { timeoutMs: MOUNT_MS, env: SYSTEM_ENV });
      await files.remove(folder);
    }
  },
});

/** Where the machine is a folder, a disk is a folder too: `/dev/disk/by-label/<label>`. */
export const createFolderDisks = (files: Files): Disks => ({
  use: async (label, _signal, read) => {
    const path = folderOf(label);
    if ((await files.facts(path))?.kind !== 'directory')
      throw new PilotageError('file-failed', `${files.locate(path)} is no folder`, { path });
    return read(createFiles(files.locate(path), false));
  },
});
