import { describe, expect, test } from 'vitest';
import { describePacking, needSlots, showPacking } from '../../../../agent/context/packing.ts';
import { parseContext } from '../../../../agent/context/parse.ts';
import type { MachineSize } from '../../../../agent/machine-size.ts';

const parsed = (pilots: string) =>
  parseContext([
    { name: 'c.yaml', text: `version: 1\npilots:\n  kind: command\n  command: [/p]\n${pilots}` },
  ]);

const describeOn = (machine: MachineSize, pilots: string): readonly string[] => {
  const packing = showPacking(parsed(pilots).context, machine);
  return packing === undefined ? [] : describePacking(packing);
};

describe('the plan says how the VM is packed, and what stays free', () => {
  const gpu = { vendor: 'nvidia' as const, model: 'T4', devices: ['/dev/nvidia0'] };
  test.each<[string, MachineSize, string[]]>([
    [
      '  slots: whole-node',
      { cores: 4, memoryMb: 8000 },
      ['whole-node: 1 slot of 4 cores, 7600 MB; 400 MB for the system'],
    ],
    [
      '  slots: fixed\n  coresPerSlot: 2\n  reserve: {cores: 1}',
      { cores: 4, memoryMb: 8000 },
      [
        'fixed: 1 slot of 2 cores, 7600 MB; 1 core and 400 MB for the system',
        '1 core stays free: a slot takes 2 cores',
      ],
    ],
    [
      '  reserve: {memoryMb: 0}',
      { cores: 3, memoryMb: 3000, gpus: [{ ...gpu, uuid: 'GPU-1' }] },
      ['per-core: 1 slot of 1 core, 1000 MB, 1 GPU, 2 slots of 1 core, 1000 MB'],
    ],
  ])('%j', (pilots, machine, lines) => expect(describeOn(machine, pilots)).toEqual(lines));

  test('pilots with GPUs that nothing keeps apart', () => {
    const onGpu = (more: object) =>
      describeOn(
        { cores: 1, memoryMb: 1000, gpus: [{ ...gpu, uuid: 'GPU-1', ...more }] },
        '  slots: whole-node',
      ).slice(1);
    expect(onGpu({})).toEqual([]);
    expect(onGpu({ devices: [] })).toEqual([
      'the device files of the GPUs are not known, so nothing keeps a pilot from those of others',
    ]);
    expect(onGpu({ partOf: 'GPU-0' })).toEqual([
      'the parts of a GPU share its device file, so pilots are kept apart by their names alone',
    ]);
  });

  test('a context without pilots packs nothing', () => {
    const { context } = parseContext([{ name: 'c', text: 'version: 1' }]);
    expect(showPacking(context, { cores: 1, memoryMb: 512 })).toBeUndefined();
  });

  test('programs are told the same in full', () => {
    const { context } = parsed('  slots: per-gpu');
    const machine = { cores: 2, memoryMb: 1000, gpus: [{ ...gpu, uuid: 'GPU-1' }] };
    expect(showPacking(context, machine)).toEqual({
      layout: 'per-gpu',
      slots: [{ name: '00', cores: 2, memoryMb: 950, user: 'plt00', gpus: ['GPU-1'] }],
      usable: { cores: 2, memoryMb: 950 },
      reserved: { cores: 0, memoryMb: 50 },
      free: { cores: 0, memoryMb: 0, gpus: [] },
      because: [],
    });
  });
});

describe('a VM into which no slot fits is refused, with the key that asks for too much', () => {
  test.each<[string, string]>([
    [
      '  slots: fixed\n  coresPerSlot: 8',
      'c.yaml:6: pilots.coresPerSlot: no slot fits: it takes 8 cores, and 2 can be used; remedy: at most 2, or a larger VM',
    ],
    [
      '  memoryMbPerSlot: 2000',
      'c.yaml:5: pilots.memoryMbPerSlot: no slot fits: it takes 1 core and 2000 MB, and 2 cores and 950 MB can be used; remedy: at most 950, or a larger VM',
    ],
    [
      '  reserve: {cores: 2}',
      'c.yaml:5: pilots.reserve.cores: no core is left for pilots: all 2 are for the system; remedy: at most 1, or a larger VM',
    ],
    [
      '  reserve:\n    memoryMb: 1000',
      'c.yaml:6: pilots.reserve.memoryMb: no slot fits: it takes 1 core, and 2 cores and 0 MB can be used; remedy: less than 1000, or a larger VM',
    ],
    [
      '  slots: per-gpu',
      'c.yaml:5: pilots.slots: the VM has no GPU, so there is no slot; remedy: a VM with GPUs, or another layout',
    ],
  ])('%j', (pilots, message) => {
    expect(() => needSlots(parsed(pilots), { cores: 2, memoryMb: 1000 })).toThrow(message);
  });

  test('one that fits is not', () => {
    expect(() => needSlots(parsed(''), { cores: 1, memoryMb: 512 })).not.toThrow();
  });
});
