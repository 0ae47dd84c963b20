import { type Disk, sizeText } from '../../disks/disk.ts';
import type { Facts } from '../facts.ts';
import type { Context } from '../schema.ts';
import type { PlannedDisk, Step } from '../step.ts';
import { chooseDisk, type DiskChoice, type DiskWish } from './choose-disk.ts';

/** At most 12 characters, for xfs. */
const SCRATCH_LABEL = 'pilotage-scr';
const SWAP_LABEL = 'pilotage-swp';

type DiskFacts = Pick<Facts, 'instanceId' | 'memoryMb' | 'disks'>;

/** What a filesystem leaves of a disk, at least. */
const USABLE_SHARE = 0.95;

/** What a filesystem that was found by its label keeps: else it would not be found again. */
const labelFor = (word: string, otherwise: string): string =>
  word.startsWith('label:') ? word.slice('label:'.length) : otherwise;

const FOLDER: DiskChoice = { found: false, problem: 'a folder that stands for a machine has none' };

const choose = ({ disks }: DiskFacts, wish: DiskWish): DiskChoice =>
  disks === undefined ? FOLDER : chooseDisk(disks, wish);

/** The choice as a step keeps it; a disk that is not there is a problem only where it is needed. */
const plannedDisk = (
  choice: DiskChoice,
  facts: DiskFacts,
  { label, mayErase }: DiskWish,
  isNeeded: boolean,
): { disk: PlannedDisk; notices: string[] } => {
  const shared = { label, mayErase, instanceId: facts.instanceId };
  if (choice.found)
    return { disk: { device: choice.disk.path, ...shared }, notices: choice.notices };
  return isNeeded
    ? { disk: { problem: choice.problem, ...shared }, notices: [] }
    : { disk: shared, notices: [`${choice.problem}; it is gone without`] };
};

const whatOf = (choice: DiskChoice, word: string, use: string): string =>
  choice.found
    ? `use ${choice.disk.path} (${sizeText(choice.disk.sizeBytes)}, ${choice.why}) ${use}`
    : `use the disk ${word} ${use}`;

const planScratch = ({ scratch }: Context, facts: DiskFacts): { steps: Step[]; disk?: Disk } => {
  if (scratch.disk === undefined) return { steps: [] };
  const wish: DiskWish = {
    word: scratch.disk,
    label: labelFor(scratch.disk, SCRATCH_LABEL),
    filesystem: scratch.filesystem,
    mayErase: scratch.format === 'always',
    mount: scratch.path,
  };
  const choice = choose(facts, wish);
  const erases = wish.mayErase ? `, erased once for this instance,` : '';
  const step: Step = {
    kind: 'scratch-disk',
    id: 'scratch-disk',
    what: whatOf(choice, scratch.disk, `with ${scratch.filesystem}${erases} as ${scratch.path}`),
    lasts: 'instance',
    ...plannedDisk(choice, facts, wish, scratch.required && facts.disks !== undefined),
    filesystem: scratch.filesystem,
    isPartitioned: scratch.partition,
    mount: scratch.path,
  };
  return choice.found ? { steps: [step], disk: choice.disk } : { steps: [step] };
};

const planSwap = (
  { scratch, swap }: Context,
  facts: DiskFacts,
  scratchDisk: Disk | undefined,
): Step[] => {
  if (swap === undefined) return [];
  if (swap.disk === undefined) {
    const sizeMb = swap.sizeMb ?? Math.floor(facts.memoryMb * (swap.memoryShare ?? 0));
    const path = swap.path ?? `${scratch.path}/pilotage.swap`;
    return [
      {
        kind: 'swap-file',
        id: 'swap-file',
        what: `swap to a file of ${sizeMb} MB`,
        lasts: 'instance',
        path,
        sizeMb,
      },
    ];
  }
  const wish: DiskWish = {
    word: swap.disk,
    label: labelFor(swap.disk, SWAP_LABEL),
    filesystem: 'swap',
    mayErase: false,
    mount: '[SWAP]',
    taken: scratchDisk,
  };
  const choice = choose(facts, wish);
  return [
    {
      kind: 'swap-disk',
      id: 'swap-disk',
      what: whatOf(choice, swap.disk, 'for swap'),
      lasts: 'instance',
      ...plannedDisk(choice, facts, wish, facts.disks !== undefined),
    },
  ];
};

/**
 * The disk of the scratch folders, and swap.
 * @returns volume the size of what will lie under the CVMFS cache, where that is the disk: it may not be
 *   mounted yet when the facts are read
 */
export const planDisks = (
  context: Context,
  facts: DiskFacts,
): { steps: Step[]; volume: Partial<Pick<Facts, 'cvmfsVolumeMb'>> } => {
  const scratch = planScratch(context, facts);
  const isOnDisk =
    scratch.disk !== undefined &&
    context.cvmfs?.cache.startsWith(`${context.scratch.path}/`) === true;
  return {
    steps: [...scratch.steps, ...planSwap(context, facts, scratch.disk)],
    volume: isOnDisk
      ? {
          cvmfsVolumeMb: Math.floor(((scratch.disk?.sizeBytes ?? 0) * USABLE_SHARE) / 1024 / 1024),
        }
      : {},
  };
};
