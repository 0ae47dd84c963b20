import { VM_STATES, type VmState } from '../../protocol/words.ts';
import type { VmRecord } from './vm-record.ts';

/** What a VM says of itself, and the two states that only the receiver can see. */
export const FLEET_STATES = ['enrolled', ...VM_STATES, 'stalled'] as const;
export type FleetState = (typeof FLEET_STATES)[number];

/** A choice of VMs that storage can make without knowing what it means. All that is given must hold. */
export interface VmFilter {
  /** `null`: those that have reported none. */
  reported?: VmState | null;
  /** Leaves out those that last reported this state. */
  notReported?: VmState;
  heardAfterMs?: number;
  heardUntilMs?: number;
}

/** The last word of a VM that is gone on purpose; its silence is no trouble. */
const FINAL: VmState = 'halted';

/**
 * The state of a VM at this moment. Silence for `stallAfterMs` makes any state `stalled`, also one
 * that never went beyond enrolment; only a VM whose last word was `halted` may be silent for ever.
 */
export const fleetState = (vm: VmRecord, nowMs: number, stallAfterMs: number): FleetState => {
  const reported = vm.latest?.state;
  if (reported === FINAL) return FINAL;
  if (nowMs - vm.lastHeardMs >= stallAfterMs) return 'stalled';
  return reported ?? 'enrolled';
};

/** Since when it is in the state that `fleetState` tells. */
export const fleetStateSinceMs = (vm: VmRecord, nowMs: number, stallAfterMs: number): number =>
  fleetState(vm, nowMs, stallAfterMs) === 'stalled'
    ? vm.lastHeardMs + stallAfterMs
    : vm.stateSinceMs;

/** Chooses exactly the VMs for which `fleetState` gives this state. */
export const filterOf = (state: FleetState, nowMs: number, stallAfterMs: number): VmFilter => {
  const edgeMs = nowMs - stallAfterMs;
  if (state === FINAL) return { reported: FINAL };
  if (state === 'stalled') return { notReported: FINAL, heardUntilMs: edgeMs };
  return { reported: state === 'enrolled' ? null : state, heardAfterMs: edgeMs };
};
