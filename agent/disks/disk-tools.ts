import { isPilotageError } from '../../platform/errors.ts';
import type { Exec } from '../../platform/exec.ts';
import type { Files } from '../../platform/files.ts';
import type { Disk, DiskContent } from './disk.ts';
import { inspectDisk, inspectDisks, readContent } from './inspect-disks.ts';
import { createSwapTools, type SwapTools } from './swap-tools.ts';

export interface NewFilesystem {
  type: 'ext4' | 'xfs';
  label: string;
  uuid: string;
}

/** What is done to disks. All of it fails with the program's own words. */
export interface DiskTools extends SwapTools {
  /** `undefined` where the machine has none: a folder. */
  list(): Promise<Disk[] | undefined>;
  /** By any of its names, read anew. */
  inspect(name: string): Promise<Disk | undefined>;
  contentOfFile(path: string): Promise<DiskContent | undefined>;
  /** Erases every signature of a disk and of its partitions, which are gone then. */
  wipe(disk: Disk): Promise<void>;
  /** One partition over all of a disk that is blank (GPT). */
  partition(path: string): Promise<void>;
  makeFilesystem(path: string, filesystem: NewFilesystem): Promise<void>;
  mount(path: string, folder: string, type: string, options: string): Promise<void>;
  /** Never lazily: what is in use stays mounted, and that is an error. */
  unmount(folder: string): Promise<void>;
  /** The number of the device that is mounted on a folder. */
  mountedOn(folder: string): Promise<string | undefined>;
}

const QUICK_MS = 60_000;
const SLOW_MS = 900_000;
const MOUNTINFO = '/proc/self/mountinfo';
const MAX_BYTES = 4 * 1024 * 1024;

/**
 * Without reserved blocks, inode tables and journal left to be zeroed later, and nothing discarded: a
 * large disk is ready in seconds.
 */
const EXT4_EXTENDED = 'lazy_itable_init=1,lazy_journal_init=1,nodiscard';
const EXT4 = ['-q', '-m', '0'];
/** What each user has is counted from the start; xfs always can. */
const EXT4_QUOTA = ['-O', 'quota', '-E', `${EXT4_EXTENDED},quotatype=usrquota`];
const XFS = ['-q', '-K'];

/** Of proc_pid_mountinfo(5): the third field is the device, the fifth the mount point. */
const deviceMountedOn = (mountinfo: string, folder: string): string | undefined =>
  mountinfo
    .split('\n')
    .map(line => line.split(' '))
    .findLast(fields => fields[4] === folder)?.[2];

export const createDiskTools = (files: Files, exec: Exec): DiskTools => {
  /** Until udev has seen what was changed, /dev is not true. A machine without udev has none to wait for. */
  const settle = async (): Promise<void> => {
    if ((await files.facts('/run/udev/control')) !== undefined)
      await exec.run('udevadm', ['settle', '--timeout=30'], {
        timeoutMs: QUICK_MS,
        allowedExitCodes: [0, 1],
      });
  };
  /** Without this module a kernel mounts no ext4 that counts what its users have. */
  const countsUsers = async (): Promise<boolean> => {
    const module = ['--quiet', 'quota_v2'];
    try {
      const { exitCode } = await exec.run('modprobe', module, {
        timeoutMs: QUICK_MS,
        allowedExitCodes: [0, 1],
      });
      return exitCode === 0;
    } catch (error) {
      // A machine without modprobe is a container, or has all that it needs built in: nobody can tell.
      if (isPilotageError(error)) return false;
      throw error;
    }
  };
  return {
    ...createSwapTools(files, exec, settle),
    list: () => inspectDisks(exec),
    inspect: name => inspectDisk(exec, name),
    contentOfFile: async path => {
      const facts = await files.facts(path);
      return facts?.kind === 'file' ? readContent(exec, path, facts.sizeBytes) : undefined;
    },
    wipe: async disk => {
      // From the leaves on, so that no partition's filesystem comes to light again in a later table.
      const paths = [...disk.parts.filter(({ type }) => type === 'part'), disk].map(
        ({ path }) => path,
      );
      for (const path of paths)
        await exec.run('wipefs', ['--all', '--quiet', path], { timeoutMs: QUICK_MS });
      if (disk.parts.length > 0)
        await exec.run('partx', ['--delete', disk.path], {
          timeoutMs: QUICK_MS,
          allowedExitCodes: [0, 1],
        });
      await settle();
    },
    partition: async path => {
      await exec.run('sfdisk', ['--quiet', '--wipe', 'never', path], {
        timeoutMs: QUICK_MS,
        input: 'label: gpt\ntype=linux\n',
      });
      // The kernel has read it by now, unless it was built without GPT; then it is told.
      await exec.run('partx', ['--update', path], {
        timeoutMs: QUICK_MS,
        allowedExitCodes: [0, 1],
      });
      await settle();
    },
    makeFilesystem: async (path, { type, label, uuid }) => {
      const args =
        type === 'ext4'
          ? [
              ...[...EXT4, ...((await countsUsers()) ? EXT4_QUOTA : ['-E', EXT4_EXTENDED])],
              ...['-L', label, '-U', uuid, path],
            ]
          : [...XFS, '-L', label, '-m', `uuid=${uuid}`, path];
      await exec.run(`mkfs.${type}`, args, { timeoutMs: SLOW_MS });
      await settle();
    },
    mount: async (path, folder, type, options) => {
      await exec.run('mount', ['-t', type, '-o', options, path, folder], { timeoutMs: QUICK_MS });
    },
    unmount: async folder => {
      await exec.run('umount', [folder], { timeoutMs: QUICK_MS });
    },
    mountedOn: async folder =>
      deviceMountedOn((await files.read(MOUNTINFO, MAX_BYTES)) ?? '', folder),
  };
};
