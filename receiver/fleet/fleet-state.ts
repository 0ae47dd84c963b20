import { VM_STATES, type VmState } from '../../protocol/words.ts';
import { DELETION_STATES, type DeletionState } from './deletion.ts';
import type { VmRecord } from './vm-record.ts';

/** What a VM says of itself, and the states that only the receiver can see. */
export const FLEET_STATES = ['enrolled', ...VM_STATES, 'stalled', ...DELETION_STATES] as const;
export type FleetState = (typeof FLEET_STATES)[number];

/** A choice of VMs that storage can make without knowing what it means. All that is given must hold. */
export interface VmFilter {
  /** `null`: those that have reported none. */
  reported?: VmState | null;
  /** Leaves out those that last reported this state. */
  notReported?: VmState;
  heardAfterMs?: number;
  heardUntilMs?: number;
  /** `null`: those that are not to be deleted. */
  deletion?: DeletionState | null;
  /** True: those that have told by which id their cloud knows them. */
  hasCloud?: boolean;
}

/** The last word of a VM that is gone on purpose; its silence is no trouble. */
const FINAL: VmState = 'halted';

/**
 * The state of a VM at this moment. Silence for `stallAfterMs` makes any state `stalled`, also one
 * that never went beyond enrolment; only a VM whose last word was `halted` may be silent for ever. How
 * far it is on its way out of its cloud goes before what it said.
 */
export const fleetState = (vm: VmRecord, nowMs: number, stallAfterMs: number): FleetState => {
  if (vm.deletion !== undefined) return vm.deletion.state;
  const reported = vm.latest?.state;
  if (reported === FINAL) return FINAL;
  if (nowMs - vm.lastHeardMs >= stallAfterMs) return 'stalled';
  return reported ?? 'enrolled';
};

/** Since when it is in the state that `fleetState` tells. */
export const fleetStateSinceMs = (vm: VmRecord, nowMs: number, stallAfterMs: number): number => {
  if (vm.deletion !== undefined) return vm.deletion.sinceMs;
  return fleetState(vm, nowMs, stallAfterMs) === 'stalled'
    ? vm.lastHeardMs + stallAfterMs
    : vm.stateSinceMs;
};

/** True of a VM that has powered off, or is on its way out of its cloud: no order reaches it. */
export const isGone = (state: FleetState): boolean => state === FINAL || isDeletionState(state);

const isDeletionState = (state: FleetState): state is DeletionState =>
  (DELETION_STATES as readonly FleetState[]).includes(state);

/** Chooses exactly the VMs for which `fleetState` gives this state. */
export const filterOf = (state: FleetState, nowMs: number, stallAfterMs: number): VmFilter => {
  const edgeMs = nowMs - stallAfterMs;
  if (isDeletionState(state)) return { deletion: state };
  const open = { deletion: null };
  if (state === FINAL) return { ...open, reported: FINAL };
  if (state === 'stalled') return { ...open, notReported: FINAL, heardUntilMs: edgeMs };
  return { ...open, reported: state === 'enrolled' ? null : state, heardAfterMs: edgeMs };
};
