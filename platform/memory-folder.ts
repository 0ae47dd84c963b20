import { statfs } from 'node:fs/promises';
import type { Exec } from './exec.ts';
import type { Files } from './files.ts';

/** Makes sure that what is put into a folder never reaches a disk. */
export interface MemoryFolder {
  ensure(path: string): Promise<void>;
}

/** TMPFS_MAGIC and RAMFS_MAGIC of statfs(2). */
const IN_MEMORY = new Set([0x01021994, 0x858458f6]);

/** Mounts a tmpfs over the folder unless it lies in one already, as below a systemd's /run. */
export const createMemoryFolder = (files: Files, exec: Exec): MemoryFolder => ({
  ensure: async path => {
    await files.makeDirectory(path, { mode: 0o711 });
    const { type } = await statfs(files.locate(path));
    if (IN_MEMORY.has(type)) return;
    const options = 'mode=0711,size=16m,nosuid,nodev,noexec';
    await exec.run('mount', ['-t', 'tmpfs', '-o', options, 'pilotage', files.locate(path)], {
      timeoutMs: 30_000,
    });
  },
});

/** Where the machine is a folder there is nothing to mount: it holds no real secrets. */
export const createPlainFolder = (files: Files): MemoryFolder => ({
  ensure: path => files.makeDirectory(path, { mode: 0o711 }),
});
