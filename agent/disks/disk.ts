/** What lies on a disk, as far as its first look tells. */
export type DiskContent =
  /** No signature of any kind, and zeros wherever it was looked at. */
  | { kind: 'blank' }
  /** Something with a signature of one kind: a filesystem, swap, a member of a RAID or a volume group. */
  | { kind: 'filesystem'; type: string; label?: string; uuid?: string }
  /** Anything else, in words: a partition table, several signatures, bytes of no known kind. */
  | { kind: 'other'; what: string };

/** A block device, with what lies on it. */
export interface Disk {
  /** Such as `/dev/vdb`. */
  path: string;
  /** Other names under which it was asked for. */
  aliases: readonly string[];
  /** `major:minor`, by which the kernel knows it. */
  number: string;
  /** As lsblk names it: `disk`, `part`, `loop`, `rom`, `lvm`, `raid1`, `crypt`, … */
  type: string;
  sizeBytes: number;
  isReadOnly: boolean;
  isRemovable: boolean;
  serial?: string;
  /** Where it is mounted; `[SWAP]` if it is swapped to. */
  mounts: readonly string[];
  content: DiskContent;
  /** Its partitions, and whatever else is built on it. */
  parts: readonly Disk[];
}

/** The disk and all that is built on it, itself first. */
export const withParts = (disk: Disk): Disk[] => [disk, ...disk.parts.flatMap(withParts)];

export const sizeText = (bytes: number): string => {
  const gib = bytes / 1024 ** 3;
  return gib >= 1 ? `${gib.toFixed(1)} GiB` : `${Math.round(bytes / 1024 ** 2)} MiB`;
};

export const contentText = (content: DiskContent): string => {
  if (content.kind === 'blank') return 'nothing';
  if (content.kind === 'other') return content.what;
  const label = content.label === undefined ? '' : ` with the label ${content.label}`;
  return `${content.type}${label}`;
};
