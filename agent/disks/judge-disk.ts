import { contentText, type Disk, withParts } from './disk.ts';

/** Labels of the small disks by which clouds hand data to a VM: they are never anything else. */
const CLOUD_LABELS = new Set(['config-2', 'cidata', 'CIDATA', 'CONTEXT', 'context', 'OEMDRV']);

const LEAST_BYTES = 64 * 1024 * 1024;

/** Drives that live in memory, or in a host that may go away. */
const UNFIT_NAME = /^\/dev\/(?:zram|ram|fd|nbd|sr)\d/;

const labelOf = ({ content }: Disk): string | undefined =>
  content.kind === 'filesystem' ? content.label : undefined;

/**
 * Why a disk must not be touched, even if it was named; nothing if it may be.
 * @param isOurs tells of a mount of the disk, or of a part of it, that it is ours
 */
export const hindranceOf = (
  disk: Disk,
  isOurs: (part: Disk, mount: string) => boolean = () => false,
): string | undefined => {
  const all = withParts(disk);
  const mounts = all.flatMap(part => part.mounts.filter(mount => !isOurs(part, mount)));
  if (mounts.length > 0) return `it is in use (${mounts.join(', ')})`;
  if (disk.type === 'rom') return 'it is a CD drive';
  if (all.some(({ isReadOnly }) => isReadOnly)) return 'it is read-only';
  const label = all.map(labelOf).find(found => CLOUD_LABELS.has(found ?? ''));
  if (label !== undefined) return `its label is ${label}: the cloud put it there`;
  const built = all.slice(1).find(({ type }) => type !== 'part');
  if (built !== undefined) return `it is part of ${built.path} (${built.type})`;
  return undefined;
};

/** The disk itself, or its one partition, that carries a label. */
export const labelled = (disk: Disk, label: string): Disk | undefined => {
  if (labelOf(disk) === label) return disk;
  const [only, second] = disk.parts;
  return only !== undefined && second === undefined && labelOf(only) === label ? only : undefined;
};

/** Why a disk that nobody named is not taken; nothing if it may be: it is blank, and nobody's. */
export const objectionTo = (disk: Disk): string | undefined => {
  if (disk.type !== 'disk' || UNFIT_NAME.test(disk.path)) return 'it is no disk of its own';
  if (disk.isRemovable) return 'it is removable';
  if (disk.sizeBytes < LEAST_BYTES) return 'it is too small';
  const hindrance = hindranceOf(disk);
  if (hindrance !== undefined) return hindrance;
  if (disk.parts.length > 0) return 'it has partitions';
  return disk.content.kind === 'blank' ? undefined : `it holds ${contentText(disk.content)}`;
};
