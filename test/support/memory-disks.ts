import type { Disk, DiskContent } from '../../agent/disks/disk.ts';
import { withParts } from '../../agent/disks/disk.ts';
import type { DiskTools } from '../../agent/disks/disk-tools.ts';
import { PilotageError } from '../../platform/errors.ts';

let minor = 0;

/** A disk of 10 GiB that holds nothing, but for what is said of it. */
export const disk = (path: string, also: Partial<Disk> = {}): Disk => ({
  path,
  aliases: [],
  number: `252:${minor++}`,
  type: 'disk',
  sizeBytes: 10 * 1024 ** 3,
  isReadOnly: false,
  isRemovable: false,
  mounts: [],
  content: { kind: 'blank' },
  parts: [],
  ...also,
});
export const filesystem = (type: string, label?: string, uuid = 'u-1'): DiskContent => ({
  kind: 'filesystem',
  type,
  uuid,
  ...(label === undefined ? {} : { label }),
});

/** Disks in memory, which do what they are told and write it down. */
export const createMemoryDisks = (
  first: readonly Disk[],
): DiskTools & { disks: () => readonly Disk[]; done: string[] } => {
  let disks = first;
  const done: string[] = [];
  const swapFiles = new Map<string, DiskContent>();
  const swaps = new Set<string>();
  const change = (match: (disk: Disk) => boolean, toNew: (disk: Disk) => Disk): void => {
    const walk = (each: Disk): Disk => {
      const next = { ...each, parts: each.parts.map(walk) };
      return match(next) ? toNew(next) : next;
    };
    disks = disks.map(walk);
  };
  const find = (name: string): Disk | undefined =>
    disks.flatMap(withParts).find(({ path, aliases }) => path === name || aliases.includes(name));
  const at = (path: string) => (each: Disk) => each.path === path;
  const isUsed = (path: string): boolean =>
    withParts(find(path) ?? disk(path)).some(({ mounts }) => mounts.length > 0);
  const needFree = (path: string): void => {
    if (isUsed(path)) throw new PilotageError('command-failed', `${path} is in use`);
  };
  return {
    disks: () => disks,
    done,
    list: async () => [...disks],
    inspect: async name => find(name),
    contentOfFile: async path => swapFiles.get(path),
    wipe: async ({ path }) => {
      needFree(path);
      done.push(`wipe ${path}`);
      change(at(path), each => ({ ...each, content: { kind: 'blank' }, parts: [] }));
    },
    partition: async path => {
      needFree(path);
      done.push(`partition ${path}`);
      change(at(path), each => ({
        ...each,
        content: { kind: 'other', what: 'partitions' },
        parts: [disk(`${path}1`, { type: 'part', sizeBytes: each.sizeBytes - 1024 ** 2 })],
      }));
    },
    makeFilesystem: async (path, { type, label, uuid }) => {
      needFree(path);
      done.push(`mkfs.${type} ${path}`);
      change(at(path), each => ({ ...each, content: filesystem(type, label, uuid) }));
    },
    mount: async (path, folder, type, options) => {
      done.push(`mount -t ${type} -o ${options} ${path} ${folder}`);
      change(at(path), each => ({ ...each, mounts: [...each.mounts, folder] }));
    },
    unmount: async folder => {
      done.push(`umount ${folder}`);
      change(
        each => each.mounts.includes(folder),
        each => ({ ...each, mounts: each.mounts.filter(mount => mount !== folder) }),
      );
    },
    mountedOn: async folder =>
      disks.flatMap(withParts).find(({ mounts }) => mounts.includes(folder))?.number,
    growFile: async (path, sizeMb, how) => void done.push(`${how} ${path} ${sizeMb} MB`),
    makeSwap: async (path, label, uuid) => {
      needFree(path);
      done.push(`mkswap ${path}`);
      const content = filesystem('swap', label, uuid);
      if (find(path) === undefined) swapFiles.set(path, content);
      else change(at(path), each => ({ ...each, content }));
    },
    activeSwaps: async () => [...swaps],
    swapOn: async path => {
      done.push(`swapon ${path}`);
      swaps.add(path);
      change(at(path), each => ({ ...each, mounts: ['[SWAP]'] }));
    },
    swapOff: async path => {
      done.push(`swapoff ${path}`);
      swaps.delete(path);
      change(at(path), each => ({ ...each, mounts: [] }));
    },
  };
};
