import { contentText, type Disk, sizeText, withParts } from '../../disks/disk.ts';
import { hindranceOf, labelled, objectionTo } from '../../disks/judge-disk.ts';

/** What is looked for, and how it will be used. */
export interface DiskWish {
  /** As the context has it. */
  word: string;
  /** What ours carries after the first time. */
  label: string;
  /** What a named disk may hold already. */
  filesystem: string;
  mayErase: boolean;
  /** Where it may be mounted already. */
  mount: string;
  /** Taken for something else, with all that is on it. */
  taken?: Disk | undefined;
}

export type DiskChoice =
  | { found: true; disk: Disk; why: string; notices: string[] }
  | { found: false; problem: string };

const name = ({ path, sizeBytes }: Disk): string => `${path} (${sizeText(sizeBytes)})`;
const bySize = (a: Disk, b: Disk): number =>
  b.sizeBytes - a.sizeBytes || (a.path < b.path ? -1 : 1);

/** Clouds cut serial numbers (virtio to 20 characters) and leave dashes out. */
const isSerial = (serial: string | undefined, asked: string): boolean => {
  if (serial === undefined) return false;
  const [has, wanted] = [serial, asked].map(text => text.replaceAll('-', '').toLowerCase());
  return (
    has === wanted || (serial.length >= 20 && asked.toLowerCase().startsWith(serial.toLowerCase()))
  );
};

const isOn = (disk: Disk, other: Disk | undefined): boolean =>
  other !== undefined &&
  (withParts(other).some(({ path }) => path === disk.path) ||
    withParts(disk).some(({ path }) => path === other.path));

/** Ours may be mounted where an earlier context had it; whoever mounts it anew looks again. */
const isOurs =
  (disk: Disk, { label, mount: wanted }: DiskWish) =>
  (part: Disk, mount: string): boolean =>
    mount === wanted || part === labelled(disk, label);

const findNamed = (disks: readonly Disk[], word: string): Disk | undefined => {
  const [kind, value = ''] = word.startsWith('/') ? ['device', word] : word.split(/:(.*)/);
  if (kind === 'serial') return disks.find(({ serial }) => isSerial(serial, value));
  const all = disks.flatMap(withParts);
  if (kind === 'label')
    return all.find(({ content }) => content.kind === 'filesystem' && content.label === value);
  return all.find(({ path, aliases }) => path === value || aliases.includes(value));
};

const chooseNamed = (disks: readonly Disk[], wish: DiskWish): DiskChoice => {
  const { word, label, filesystem, mayErase, taken } = wish;
  const disk = findNamed(disks, word);
  if (disk === undefined) return { found: false, problem: `there is no disk ${word}` };
  if (isOn(disk, taken))
    return { found: false, problem: `${disk.path} is the scratch disk already` };
  const hindrance = hindranceOf(disk, isOurs(disk, wish));
  if (hindrance !== undefined)
    return { found: false, problem: `${name(disk)} cannot be used: ${hindrance}` };
  const ours = labelled(disk, label) ?? disk;
  const isRight = ours.content.kind === 'filesystem' && ours.content.type === filesystem;
  if (disk.content.kind !== 'blank' && !isRight && !mayErase)
    return {
      found: false,
      problem: `${name(disk)} holds ${contentText(disk.content)}; remedy: another disk, or one that may be erased (format: always, for scratch)`,
    };
  return { found: true, disk, why: `named as ${word}`, notices: [] };
};

const chooseLargest = (disks: readonly Disk[], wish: DiskWish): DiskChoice => {
  const { label, taken } = wish;
  const free = disks.filter(disk => !isOn(disk, taken));
  const [ours] = free
    .filter(
      disk =>
        labelled(disk, label) !== undefined && hindranceOf(disk, isOurs(disk, wish)) === undefined,
    )
    .sort(bySize);
  const blank = free.filter(disk => objectionTo(disk) === undefined).sort(bySize);
  const disk = ours ?? blank[0];
  const others = free.filter(
    other => other !== disk && other.type === 'disk' && other.sizeBytes > 0,
  );
  const notices = others.map(
    other =>
      `${name(other)} is left alone: ${objectionTo(other) ?? 'it is blank, but one is enough'}`,
  );
  if (disk === undefined) {
    const seen = notices.length === 0 ? 'there is none but the root disk' : notices.join('; ');
    return { found: false, problem: `no blank disk was found: ${seen}` };
  }
  const why = ours === undefined ? 'the largest blank disk' : `it carries our label ${label}`;
  return { found: true, disk, why, notices };
};

/** The disk that was asked for, and why it and no other. Pure: what it sees may be old when it is used. */
export const chooseDisk = (disks: readonly Disk[], wish: DiskWish): DiskChoice =>
  wish.word === 'largest-blank' ? chooseLargest(disks, wish) : chooseNamed(disks, wish);
