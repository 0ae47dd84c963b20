import { createHash, randomUUID } from 'node:crypto';
import { PilotageError } from '../../../platform/errors.ts';
import { contentText, type Disk } from '../../disks/disk.ts';
import { hindranceOf, labelled } from '../../disks/judge-disk.ts';
import type { PlannedDisk } from '../step.ts';
import type { StepPorts } from './ports.ts';

/** What a disk is made into. */
export interface DiskUse {
  /** What it holds if it is right already: `ext4`, `swap`, … */
  type: string;
  /** Where it may be mounted already. */
  mount: string;
  isPartitioned: boolean;
  make(path: string, uuid: string): Promise<void>;
}

export interface PreparedDisk {
  path: string;
  number: string;
  uuid: string;
  mounts: readonly string[];
}

type DiskPorts = Pick<StepPorts, 'disks'>;

/**
 * For a disk that may be erased, a UUID (version 8 of RFC 9562) that follows from the instance: what carries
 * it was made for this one, and is not erased again.
 */
const uuidFor = ({ instanceId, label, mayErase }: PlannedDisk, disk: Disk): string => {
  if (!mayErase) return randomUUID();
  const words = [label, instanceId, disk.serial ?? disk.sizeBytes];
  const hex = createHash('sha256').update(JSON.stringify(words)).digest('hex');
  const variant = ((Number.parseInt(hex.slice(16, 17), 16) & 0x3) | 0x8).toString(16);
  return [
    hex.slice(0, 8),
    hex.slice(8, 12),
    `8${hex.slice(13, 16)}`,
    `${variant}${hex.slice(17, 20)}`,
    hex.slice(20, 32),
  ].join('-');
};

const refuse = (device: string, why: string): PilotageError =>
  new PilotageError('step-failed', `${device} is not touched: ${why}`, { device });

const inspect = async ({ disks }: DiskPorts, device: string): Promise<Disk> => {
  const disk = await disks.inspect(device);
  if (disk === undefined) throw refuse(device, 'it is gone');
  return disk;
};

/** The part of a disk that is in use as it should be; `undefined` if there is none yet. */
const ready = (disk: Disk, planned: PlannedDisk, use: DiskUse): PreparedDisk | undefined => {
  const { path, number, mounts, content } = labelled(disk, planned.label) ?? disk;
  if (content.kind !== 'filesystem' || content.type !== use.type || content.uuid === undefined)
    return undefined;
  if (planned.mayErase && content.uuid !== uuidFor(planned, disk)) return undefined;
  return { path, number, uuid: content.uuid, mounts };
};

/** Looks whether a disk is what an earlier run made of it. */
export const findReady = async (
  planned: PlannedDisk,
  use: DiskUse,
  { disks }: DiskPorts,
): Promise<PreparedDisk | undefined> => {
  const { device } = planned;
  const disk = device === undefined ? undefined : await disks.inspect(device);
  return disk === undefined ? undefined : ready(disk, planned, use);
};

/**
 * Makes a disk ready, looking at it anew first: what the plan was made from may be old. Formats it only if
 * it is blank, or may be erased.
 */
export const prepareDisk = async (
  planned: PlannedDisk & { device: string },
  use: DiskUse,
  ports: DiskPorts,
): Promise<PreparedDisk> => {
  const { disks } = ports;
  const { device } = planned;
  const disk = await inspect(ports, device);
  const hindrance = hindranceOf(disk, (_part, mount) => mount === use.mount);
  if (hindrance !== undefined) throw refuse(device, hindrance);
  const found = ready(disk, planned, use);
  if (found !== undefined) return found;
  if (disk.content.kind !== 'blank') {
    if (!planned.mayErase) throw refuse(device, `it holds ${contentText(disk.content)}`);
    const inUse = hindranceOf(disk);
    if (inUse !== undefined) throw refuse(device, inUse);
    await disks.wipe(disk);
  }
  if (use.isPartitioned) await disks.partition(disk.path);
  const target = use.isPartitioned ? (await inspect(ports, device)).parts[0] : disk;
  if (target === undefined) throw refuse(device, 'its new partition does not show');
  await use.make(target.path, uuidFor(planned, disk));
  const made = ready(await inspect(ports, device), planned, use);
  if (made === undefined) throw refuse(device, 'it does not show what was made of it');
  return made;
};
