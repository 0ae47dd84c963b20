import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { SlotLayout } from '../../../../agent/context/schema/pilot-slots.ts';
import type { Gpu } from '../../../../agent/gpus/gpu.ts';
import type { MachineSize } from '../../../../agent/machine-size.ts';
import { packMachine, type SlotSettings } from '../../../../agent/pilot/packing.ts';

const gpusOf = (count: number): Gpu[] =>
  Array.from({ length: count }, (_, index) => ({
    vendor: 'nvidia',
    uuid: `GPU-${index}`,
    model: 'T4',
    devices: [`/dev/nvidia${index}`],
  }));

const settingsOf = (of: Partial<SlotSettings>): SlotSettings => ({
  slots: 'per-core',
  threads: 'count',
  gpus: 'one-per-slot',
  ...of,
  reserve: { cores: 0, ...of.reserve },
});

/** The slots in short: cores, memory, and how many GPUs where there are any. */
const packed = (of: Partial<SlotSettings>, machine: MachineSize): string => {
  const { shares, because } = packMachine(settingsOf(of), machine);
  const slots = shares.map(({ cores, memoryMb, gpus }) =>
    [cores, memoryMb, ...(gpus === undefined ? [] : [gpus.length])].join('/'),
  );
  return [slots.join(' '), ...because].join('; ');
};

describe('cores and memory', () => {
  const machine = { cores: 5, memoryMb: 10_000 };
  test.each<[Partial<SlotSettings>, string]>([
    [{ slots: 'per-core' }, '1/1900 1/1900 1/1900 1/1900 1/1900'],
    [{ slots: 'whole-node' }, '5/9500'],
    [{ slots: 'pool' }, '5/9500'],
    [{ slots: 'fixed', coresPerSlot: 2 }, '2/4750 2/4750; 1 core stays free: a slot takes 2 cores'],
    [
      { slots: 'per-core', memoryMbPerSlot: 3000 },
      '1/3000 1/3000 1/3000; 2 cores stay free: 500 MB are left, and a slot takes 3000 MB; 500 MB of memory stay free: a slot has 3000 MB',
    ],
    [
      { slots: 'whole-node', memoryMbPerSlot: 8000 },
      '5/8000; 1500 MB of memory stay free: a slot has 8000 MB',
    ],
    [{ slots: 'whole-node', memoryMbPerSlot: 9600 }, ''],
    [{ slots: 'per-core', reserve: { cores: 3, memoryMb: 2000 } }, '1/4000 1/4000'],
    [{ slots: 'pool', reserve: { cores: 1, memoryMb: 0 } }, '4/10000'],
    [{ slots: 'fixed', coresPerSlot: 8 }, ''],
    [{ slots: 'per-core', reserve: { cores: 9 } }, ''],
    [{ slots: 'per-gpu' }, ''],
  ])('%j → %s', (settings, expected) => {
    const told = packed(settings, machine);
    if (expected === '') expect(packMachine(settingsOf(settings), machine).shares).toEqual([]);
    else expect(told).toBe(expected);
  });
});

test.each<[SlotSettings['threads'], number | undefined, number]>([
  ['count', 2, 4],
  ['ignore', 2, 2],
  // A machine that does not tell has as many cores as threads.
  ['ignore', undefined, 4],
])('threads: %s, with %s physical cores of 4 → %i slots', (threads, physicalCores, slots) => {
  const machine = {
    cores: 4,
    memoryMb: 4000,
    ...(physicalCores === undefined ? {} : { physicalCores }),
  };
  expect(packMachine(settingsOf({ threads }), machine).shares).toHaveLength(slots);
});

describe('GPUs', () => {
  const machine = { cores: 8, memoryMb: 20_000, gpus: gpusOf(2) };
  test.each<[Partial<SlotSettings>, string]>([
    [{ slots: 'whole-node' }, '8/19000/2'],
    [
      { slots: 'whole-node', gpus: 'none' },
      '8/19000/0; 2 GPUs stay free: the context gives pilots none',
    ],
    [{ slots: 'per-gpu' }, '4/9500/1 4/9500/1'],
    [{ slots: 'fixed', coresPerSlot: 2 }, '2/4750/1 2/4750/1 2/4750/0 2/4750/0'],
    [
      { slots: 'fixed', coresPerSlot: 2, coresPerGpuSlot: 3, memoryMbPerGpuSlot: 8000 },
      '3/8000/1 3/8000/1 2/3000/0',
    ],
    [
      { slots: 'fixed', coresPerSlot: 5 },
      '5/19000/1; 3 cores stay free: a slot takes 5 cores; 1 GPU stays free: no cores or memory are left for a slot with it',
    ],
  ])('%j → %s', (settings, expected) => expect(packed(settings, machine)).toBe(expected));

  test('cores that no GPU gets in equal shares stay free, and it is said', () => {
    expect(packed({ slots: 'per-gpu' }, { cores: 7, memoryMb: 1000, gpus: gpusOf(2) })).toBe(
      "3/475/1 3/475/1; 1 core stays free: each GPU's slot has 3 cores",
    );
  });
});

const LAYOUTS: readonly SlotLayout[] = ['per-core', 'whole-node', 'fixed', 'pool', 'per-gpu'];

const machines: fc.Arbitrary<MachineSize> = fc
  .record({
    cores: fc.integer({ min: 1, max: 512 }),
    memoryMb: fc.integer({ min: 512, max: 4_000_000 }),
    halved: fc.boolean(),
    gpus: fc.oneof(fc.constant(undefined), fc.integer({ min: 0, max: 16 })),
  })
  .map(({ cores, memoryMb, halved, gpus }) => ({
    ...{ cores, memoryMb },
    ...(halved ? { physicalCores: Math.ceil(cores / 2) } : {}),
    ...(gpus === undefined ? {} : { gpus: gpusOf(gpus) }),
  }));

const settings: fc.Arbitrary<SlotSettings> = fc
  .record(
    {
      coresPerSlot: fc.integer({ min: 1, max: 64 }),
      memoryMbPerSlot: fc.integer({ min: 16, max: 64_000 }),
      coresPerGpuSlot: fc.integer({ min: 1, max: 64 }),
      memoryMbPerGpuSlot: fc.integer({ min: 16, max: 64_000 }),
      gpus: fc.constantFrom<SlotSettings['gpus'][]>('one-per-slot', 'none'),
      threads: fc.constantFrom<SlotSettings['threads'][]>('count', 'ignore'),
      reserve: fc.record(
        { cores: fc.integer({ min: 0, max: 8 }), memoryMb: fc.integer({ min: 0, max: 8000 }) },
        { requiredKeys: ['cores'] },
      ),
      slots: fc.constantFrom(...LAYOUTS),
    },
    { requiredKeys: ['slots'] },
  )
  .map(settingsOf);

const sum = (numbers: readonly number[]): number => numbers.reduce((a, b) => a + b, 0);

describe('on any machine, with any settings', () => {
  const holds = (property: (of: SlotSettings, machine: MachineSize) => void) =>
    fc.assert(fc.property(settings, machines, property));

  test('no more is given than there is, and the reserve is kept', () => {
    holds((of, machine) => {
      const { shares, usable, reserved, free } = packMachine(of, machine);
      const physical = machine.physicalCores ?? machine.cores;
      const counted = of.threads === 'ignore' ? physical : machine.cores;
      expect(usable.cores + reserved.cores).toBe(counted);
      expect(usable.memoryMb + reserved.memoryMb).toBe(machine.memoryMb);
      expect(reserved.cores).toBe(Math.min(counted, of.reserve.cores));
      expect(sum(shares.map(({ cores }) => cores)) + free.cores).toBe(usable.cores);
      expect(sum(shares.map(({ memoryMb }) => memoryMb)) + free.memoryMb).toBe(usable.memoryMb);
      for (const left of [free.cores, free.memoryMb]) expect(left).toBeGreaterThanOrEqual(0);
    });
  });

  test('each slot has a core and memory at least, and each GPU one owner at most', () => {
    holds((of, machine) => {
      const { shares, free } = packMachine(of, machine);
      for (const { cores, memoryMb } of shares) {
        expect(cores).toBeGreaterThanOrEqual(1);
        expect(memoryMb).toBeGreaterThanOrEqual(16);
      }
      const given = [...shares.flatMap(({ gpus = [] }) => gpus), ...free.gpus];
      expect(given.map(({ uuid }) => uuid).sort()).toEqual(
        (machine.gpus ?? []).map(({ uuid }) => uuid).sort(),
      );
      if (of.gpus === 'none') expect(free.gpus).toEqual(machine.gpus ?? []);
    });
  });

  test('nothing into which another slot would fit stays free, and what does is told', () => {
    holds((of, machine) => {
      const { shares, free, because } = packMachine(of, machine);
      const { coresPerSlot = 1, memoryMbPerSlot = 16 } = of;
      if (of.slots === 'per-core' || of.slots === 'fixed') {
        const fits = free.cores >= coresPerSlot && free.memoryMb >= memoryMbPerSlot;
        expect(fits && shares.length > 0).toBe(false);
      }
      if (shares.length > 0) expect(because.length > 0).toBe(tellsOf(of, free));
    });
  });

  test('a layout that asks for nothing in particular fits everywhere', () => {
    fc.assert(
      fc.property(machines, fc.constantFrom(...LAYOUTS), (machine, slots) => {
        const { shares } = packMachine(
          settingsOf({ slots, ...(slots === 'fixed' ? { coresPerSlot: 1 } : {}) }),
          machine,
        );
        const hasGpus = (machine.gpus ?? []).length > 0;
        expect(shares.length > 0).toBe(slots !== 'per-gpu' || hasGpus);
      }),
    );
  });
});

/** True if something stays free that is worth a word. */
const tellsOf = (
  of: SlotSettings,
  free: { cores: number; memoryMb: number; gpus: readonly Gpu[] },
): boolean =>
  free.cores > 0 || free.gpus.length > 0 || (of.memoryMbPerSlot !== undefined && free.memoryMb > 0);
