import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parseContext } from '../../../../agent/context/parse.ts';
import { planSlots } from '../../../../agent/pilot/slots.ts';

const slots = (pilots: object, cores: number, memoryMb = 1000 * cores) => {
  const text = JSON.stringify({
    version: 1,
    pilots: { kind: 'command', command: ['/p'], ...pilots },
  });
  return planSlots(parseContext([{ name: 'c', text }]).context, { cores, memoryMb });
};

test.each([
  [{ slots: 'per-core' }, 4, [1, 1, 1, 1]],
  [{ slots: 'whole-node' }, 4, [4]],
  [{ slots: 'fixed', coresPerSlot: 2 }, 5, [2, 2]],
  [{ slots: 'fixed', coresPerSlot: 8 }, 4, []],
])('%j on %i cores', (pilots, cores, expected) => {
  expect(slots(pilots, cores).map(slot => slot.cores)).toEqual(expected);
});

test('each slot has a name and a user of its own', () => {
  expect(slots({}, 2)).toEqual([
    { name: '00', cores: 1, memoryMb: 950, user: 'plt00' },
    { name: '01', cores: 1, memoryMb: 950, user: 'plt01' },
  ]);
});

test('memory per slot is what the context says, if it says so', () => {
  expect(slots({ memoryMbPerSlot: 64 }, 1)[0]?.memoryMb).toBe(64);
});

test('slots never share a user, and never hold more than the machine', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 512 }),
      fc.integer({ min: 1, max: 64 }),
      (cores, coresPerSlot) => {
        const planned = slots({ slots: 'fixed', coresPerSlot }, cores);
        expect(new Set(planned.map(({ user }) => user)).size).toBe(planned.length);
        expect(planned.reduce((sum, slot) => sum + slot.cores, 0)).toBeLessThanOrEqual(cores);
        expect(planned.reduce((sum, slot) => sum + slot.memoryMb, 0)).toBeLessThanOrEqual(
          cores * 1000,
        );
      },
    ),
  );
});
