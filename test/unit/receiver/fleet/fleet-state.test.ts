import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DELETION_STATES, openDeletion } from '../../../../receiver/fleet/deletion.ts';
import {
  FLEET_STATES,
  filterOf,
  fleetState,
  fleetStateSinceMs,
  type VmFilter,
} from '../../../../receiver/fleet/fleet-state.ts';
import type { VmRecord } from '../../../../receiver/fleet/vm-record.ts';
import { REPORTED, vmIn } from './vm-records.ts';

const STALL = 600_000;

/** What storage makes of a filter. */
const isChosen = (vm: VmRecord, filter: VmFilter): boolean => {
  const reported = vm.latest?.state ?? null;
  return (
    (filter.reported === undefined || filter.reported === reported) &&
    (filter.notReported === undefined || filter.notReported !== reported) &&
    vm.lastHeardMs > (filter.heardAfterMs ?? Number.MIN_SAFE_INTEGER) &&
    vm.lastHeardMs <= (filter.heardUntilMs ?? Number.MAX_SAFE_INTEGER) &&
    (filter.deletion === undefined || filter.deletion === (vm.deletion?.state ?? null))
  );
};

describe('fleetState', () => {
  it.each(REPORTED)('shows %s while the VM speaks', reported => {
    const vm = vmIn(reported, { lastHeardMs: 1 });
    expect(fleetState(vm, STALL, STALL)).toBe(reported ?? 'enrolled');
    expect(fleetStateSinceMs(vm, STALL, STALL)).toBe(vm.stateSinceMs);
  });

  it.each(REPORTED)('shows what silence makes of %s', reported => {
    const vm = vmIn(reported, { lastHeardMs: 0 });
    const expected = reported === 'halted' ? 'halted' : 'stalled';
    expect(fleetState(vm, STALL, STALL)).toBe(expected);
    if (expected === 'stalled') expect(fleetStateSinceMs(vm, STALL + 9, STALL)).toBe(STALL);
  });

  it.each(DELETION_STATES)('shows %s, however silent the VM is and whatever it said', state => {
    const deletion = { ...openDeletion('halted', 7), state };
    for (const reported of REPORTED) {
      const vm = vmIn(reported, { lastHeardMs: 0, deletion });
      expect(fleetState(vm, 9 * STALL, STALL)).toBe(state);
      expect(fleetStateSinceMs(vm, 9 * STALL, STALL)).toBe(7);
    }
  });

  it('is chosen by the filter of its state and by no other', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...REPORTED),
        fc.integer({ min: 0, max: 3_000_000 }),
        fc.integer({ min: 0, max: 3_000_000 }),
        fc.constantFrom(undefined, ...DELETION_STATES),
        (reported, lastHeardMs, nowMs, state) => {
          const deletion =
            state === undefined ? {} : { deletion: { ...openDeletion('halted', 0), state } };
          const vm = vmIn(reported, { lastHeardMs, ...deletion });
          const chosenBy = FLEET_STATES.filter(state =>
            isChosen(vm, filterOf(state, nowMs, STALL)),
          );
          expect(chosenBy).toEqual([fleetState(vm, nowMs, STALL)]);
        },
      ),
    );
  });
});
