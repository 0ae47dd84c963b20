import { elapsedMs, type Moment } from '../moment.ts';
import type { SlotState } from './slot-state.ts';

/** How long a killed pilot may still be seen before it counts as one that cannot be killed. */
export const UNKILLABLE_MS = 60_000;

/** True for a pilot that was ended and killed long ago and is still seen: it hangs in the kernel. */
export const isUnkillable = (slot: SlotState, now: Moment, killGrace: number): boolean =>
  slot.state === 'stopping' &&
  slot.killed &&
  elapsedMs(slot.since, now) >= killGrace + UNKILLABLE_MS;
