import { isPilotageError, messageOf } from '../../platform/errors.ts';
import type { Exec } from '../../platform/exec.ts';
import { looksZero } from '../../platform/zero-bytes.ts';
import type { Disk, DiskContent } from './disk.ts';
import { parseLsblk } from './parse-lsblk.ts';

const LOOK_MS = 60_000;
const MAX_BYTES = 4 * 1024 * 1024;
const LSBLK = ['--json', '--bytes', '--paths', '--output-all'];
/** Of blkid(8): nothing was found; several things were found at once. */
const NOTHING = 2;
const AMBIVALENT = 8;

const valuesOf = (text: string): ReadonlyMap<string, string> =>
  new Map(
    text
      .split('\n')
      .map(line => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)] as const),
  );

const given = <K extends string>(key: K, value: string | undefined) =>
  value === undefined ? {} : ({ [key]: value } as Record<K, string>);

/**
 * What lies on a device or in a file, read from it now and not from what udev remembers. Blank is what
 * blkid and wipefs, with all the signatures that they know, and our own look at its bytes call so.
 */
export const readContent = async (
  exec: Exec,
  path: string,
  sizeBytes: number,
): Promise<DiskContent> => {
  const { exitCode, stdout } = await exec.run('blkid', ['--probe', '--output', 'export', path], {
    timeoutMs: LOOK_MS,
    allowedExitCodes: [0, NOTHING, AMBIVALENT],
  });
  if (exitCode === AMBIVALENT) return { kind: 'other', what: 'signatures of several kinds' };
  const values = valuesOf(stdout);
  const type = values.get('TYPE');
  if (type !== undefined)
    return {
      kind: 'filesystem',
      type,
      ...given('label', values.get('LABEL')),
      ...given('uuid', values.get('UUID')),
    };
  const table = values.get('PTTYPE');
  if (table !== undefined) return { kind: 'other', what: `a partition table (${table})` };
  const signatures = await exec.run(
    'wipefs',
    ['--no-act', '--noheadings', '--output', 'TYPE,OFFSET', path],
    { timeoutMs: LOOK_MS },
  );
  if (signatures.stdout.trim() !== '')
    return { kind: 'other', what: `a signature (${signatures.stdout.trim().split(/\s+/)[0]})` };
  return (await looksZero(path, sizeBytes))
    ? { kind: 'blank' }
    : { kind: 'other', what: 'bytes of no known kind' };
};

/**
 * Not what holds no data of its own, nor CD drives, which may be without a disc. What is mounted is taken
 * at lsblk's word, if udev gave it one.
 */
const isLookedAt = ({ path, type, sizeBytes, mounts, content, parts }: Disk): boolean =>
  parts.length === 0 &&
  (mounts.length === 0 || content.kind === 'blank') &&
  sizeBytes > 0 &&
  type !== 'rom' &&
  !/^\/dev\/(?:zram|ram|fd)\d/.test(path);

/** A disk that cannot be read, or not in time, is no blank one, and no reason to fail for the sake of others. */
const readSafely = async (exec: Exec, { path, sizeBytes }: Disk): Promise<DiskContent> => {
  try {
    return await readContent(exec, path, sizeBytes);
  } catch (error) {
    if (!isPilotageError(error)) throw error;
    return { kind: 'other', what: `what cannot be read (${messageOf(error)})` };
  }
};

const lookInto = async (exec: Exec, disk: Disk): Promise<Disk> => {
  const parts: Disk[] = [];
  for (const part of disk.parts) parts.push(await lookInto(exec, part));
  const content = isLookedAt(disk)
    ? await readSafely(exec, disk)
    : disk.parts.length > 0 && disk.content.kind === 'blank'
      ? ({ kind: 'other', what: 'partitions' } as const)
      : disk.content;
  return { ...disk, content, parts };
};

/** Every block device of the machine. */
export const inspectDisks = async (exec: Exec): Promise<Disk[]> => {
  const { stdout } = await exec.run('lsblk', LSBLK, {
    timeoutMs: LOOK_MS,
    maxOutputBytes: MAX_BYTES,
  });
  const disks: Disk[] = [];
  for (const disk of parseLsblk(stdout)) disks.push(await lookInto(exec, disk));
  return disks;
};

/** One of them by any of its names; `undefined` if there is none. */
export const inspectDisk = async (exec: Exec, name: string): Promise<Disk | undefined> => {
  try {
    const { stdout } = await exec.run('lsblk', [...LSBLK, name], {
      timeoutMs: LOOK_MS,
      maxOutputBytes: MAX_BYTES,
    });
    const [disk] = parseLsblk(stdout);
    return disk === undefined ? undefined : await lookInto(exec, disk);
  } catch (error) {
    // 32 of lsblk(8): none of those that were named was found.
    if (isPilotageError(error) && error.context.exitCode === 32) return undefined;
    throw error;
  }
};
