import type { PilotsContext } from '../context/schema/pilots.ts';
import type { Gpu } from '../gpus/gpu.ts';
import type { MachineSize } from '../machine-size.ts';

/** What one slot gets. */
export interface Share {
  cores: number;
  memoryMb: number;
  /** Absent on a machine without GPUs. */
  gpus?: readonly Gpu[];
}

/** How a machine is shared out, and what nobody gets. */
export interface Packing {
  /** Those with a GPU first. */
  shares: readonly Share[];
  /** What there is to share, after the reserve. */
  usable: { cores: number; memoryMb: number };
  reserved: { cores: number; memoryMb: number };
  free: { cores: number; memoryMb: number; gpus: readonly Gpu[] };
  /** Why something stays free, a line each. */
  because: readonly string[];
}

export type SlotSettings = Pick<
  PilotsContext,
  | 'slots'
  | 'coresPerSlot'
  | 'memoryMbPerSlot'
  | 'reserve'
  | 'threads'
  | 'gpus'
  | 'coresPerGpuSlot'
  | 'memoryMbPerGpuSlot'
>;

const SYSTEM_SHARE = 0.05;
/** What a slot gets at the least: below it not even a shell does anything. */
const LEAST_MB = 16;

/** Slots that are alike. */
interface Group {
  /** At most so many. */
  most: number;
  cores: number;
  /** `undefined`: a share by cores of what those with a size of their own leave. */
  memoryMb: number | undefined;
  /** GPUs of each slot. */
  gpus: number;
}

const needOf = ({ memoryMb }: Group): number => memoryMb ?? LEAST_MB;

/** Cores of the machine as the context counts them. */
export const countedCores = (
  { threads }: Pick<SlotSettings, 'threads'>,
  { cores, physicalCores = cores }: Pick<MachineSize, 'cores' | 'physicalCores'>,
): number => (threads === 'ignore' ? Math.min(cores, physicalCores) : cores);

/** The groups of a layout, in the order in which they are served. */
const groupsOf = (settings: SlotSettings, cores: number, gpuCount: number): Group[] => {
  const { slots, coresPerSlot = 1, memoryMbPerSlot: memoryMb } = settings;
  const { coresPerGpuSlot = coresPerSlot, memoryMbPerGpuSlot = memoryMb } = settings;
  if (slots === 'whole-node' || slots === 'pool')
    return [{ most: 1, cores, memoryMb, gpus: gpuCount }];
  if (slots === 'per-gpu') {
    const each = Math.max(1, Math.floor(cores / Math.max(1, gpuCount)));
    return [{ most: gpuCount, cores: each, memoryMb, gpus: 1 }];
  }
  return [
    { most: gpuCount, cores: coresPerGpuSlot, memoryMb: memoryMbPerGpuSlot, gpus: 1 },
    { most: Number.POSITIVE_INFINITY, cores: coresPerSlot, memoryMb, gpus: 0 },
  ];
};

/** How many slots of each group fit into what the groups before it leave. */
const countSlots = (groups: readonly Group[], usable: Packing['usable']): number[] => {
  let { cores, memoryMb } = usable;
  return groups.map(group => {
    if (group.cores < 1) return 0;
    const need = needOf(group);
    const fit = Math.min(Math.floor(cores / group.cores), Math.floor(memoryMb / need));
    const count = Math.max(0, Math.min(group.most, fit));
    cores -= count * group.cores;
    memoryMb -= count * need;
    return count;
  });
};

/** Memory of a slot of each group: its own size, or its part by cores of what those leave. */
const sizeSlots = (
  groups: readonly Group[],
  counts: readonly number[],
  memoryMb: number,
): number[] => {
  const sum = (of: (group: Group) => number): number =>
    groups.reduce((total, group, index) => total + (counts[index] ?? 0) * of(group), 0);
  const shared = memoryMb - sum(needOf);
  const sharers = sum(group => (group.memoryMb === undefined ? group.cores : 0));
  return groups.map(
    group => group.memoryMb ?? LEAST_MB + Math.floor((shared * group.cores) / Math.max(1, sharers)),
  );
};

const cores = (count: number): string => (count === 1 ? '1 core' : `${count} cores`);
const gpus = (count: number): string => (count === 1 ? '1 GPU' : `${count} GPUs`);

/** What a slot of the last group takes, in words. */
export const slotText = (settings: SlotSettings): string => {
  const { slots, coresPerSlot = 1, memoryMbPerSlot } = settings;
  const memory = memoryMbPerSlot === undefined ? '' : ` and ${memoryMbPerSlot} MB`;
  const most = slots === 'whole-node' || slots === 'pool' ? 'all cores' : cores(coresPerSlot);
  return `${slots === 'per-gpu' ? '1 GPU with its share of the cores' : most}${memory}`;
};

const reasonsOf = (
  settings: SlotSettings,
  free: Packing['free'],
  last: Group | undefined,
): string[] => {
  const reasons: string[] = [];
  const stays = (count: number): string => (count === 1 ? 'stays' : 'stay');
  if (free.cores > 0 && last !== undefined) {
    const isMemory = free.cores >= last.cores && free.memoryMb < needOf(last);
    const why = isMemory
      ? `${free.memoryMb} MB are left, and a slot takes ${needOf(last)} MB`
      : settings.slots === 'per-gpu'
        ? `each GPU's slot has ${cores(last.cores)}`
        : `a slot takes ${cores(last.cores)}`;
    reasons.push(`${cores(free.cores)} ${stays(free.cores)} free: ${why}`);
  }
  // What rounding leaves is no news.
  if (free.memoryMb > 0 && last?.memoryMb !== undefined)
    reasons.push(`${free.memoryMb} MB of memory stay free: a slot has ${last.memoryMb} MB`);
  const { length } = free.gpus;
  if (length > 0) {
    const why =
      settings.gpus === 'none'
        ? 'the context gives pilots none'
        : 'no cores or memory are left for a slot with it';
    reasons.push(`${gpus(length)} ${stays(length)} free: ${why}`);
  }
  return reasons;
};

/**
 * Shares a machine out by a layout: as many slots as fit by cores, memory and GPUs, of which no two have
 * anything in common. There may be none.
 */
export const packMachine = (settings: SlotSettings, machine: MachineSize): Packing => {
  const counted = countedCores(settings, machine);
  const { reserve } = settings;
  const reserved = {
    cores: Math.min(counted, reserve.cores),
    memoryMb: Math.min(
      machine.memoryMb,
      reserve.memoryMb ?? Math.ceil(machine.memoryMb * SYSTEM_SHARE),
    ),
  };
  const usable = {
    cores: counted - reserved.cores,
    memoryMb: Math.floor(machine.memoryMb - reserved.memoryMb),
  };
  const given = settings.gpus === 'none' ? [] : (machine.gpus ?? []);
  const groups = groupsOf(settings, usable.cores, given.length);
  const counts = countSlots(groups, usable);
  const sizes = sizeSlots(groups, counts, usable.memoryMb);
  const left = [...given];
  const shares = groups.flatMap((group, index) =>
    Array.from(
      { length: counts[index] ?? 0 },
      (): Share => ({
        cores: group.cores,
        memoryMb: sizes[index] ?? 0,
        ...(machine.gpus === undefined ? {} : { gpus: left.splice(0, group.gpus) }),
      }),
    ),
  );
  const taken = (of: (share: Share) => number): number =>
    shares.reduce((sum, share) => sum + of(share), 0);
  const free = {
    cores: usable.cores - taken(share => share.cores),
    memoryMb: usable.memoryMb - taken(share => share.memoryMb),
    gpus: settings.gpus === 'none' ? (machine.gpus ?? []) : left,
  };
  const last = groups.at(-1);
  return { shares, usable, reserved, free, because: reasonsOf(settings, free, last) };
};
