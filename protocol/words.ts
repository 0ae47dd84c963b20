import * as v from 'valibot';
import { LIMITS } from './limits.ts';

/** Shared building blocks of the messages. Durations and times on the wire are in ms. */

export const Name = v.pipe(v.string(), v.minLength(1), v.maxLength(LIMITS.nameChars));
export const Text = v.pipe(v.string(), v.maxLength(LIMITS.textChars));
export const Count = v.pipe(v.number(), v.safeInteger(), v.minValue(0));
export const DurationMs = v.pipe(v.number(), v.finite(), v.minValue(0));
export const Amount = v.pipe(v.number(), v.finite());
export const ProtocolVersion = v.pipe(v.number(), v.integer(), v.minValue(1));

/**
 * A measured value, or the reason why there is none. `no-data`: there was nothing to read yet;
 * `failed`: the reading itself went wrong. Neither ever stands for zero.
 */
export const WireReading = v.variant('ok', [
  v.object({ ok: v.literal(true), value: Amount }),
  v.object({ ok: v.literal(false), reason: v.picklist(['no-data', 'failed']) }),
]);
export type WireReading = v.InferOutput<typeof WireReading>;

/** What a VM is doing, in its own words. The receiver derives `stalled` and the like by itself. */
export const VM_STATES = [
  'contextualizing',
  'running',
  'draining',
  'halting',
  'halted',
  'failed',
] as const;
export const VmState = v.picklist(VM_STATES);
export type VmState = v.InferOutput<typeof VmState>;

export const PILOT_STATES = [
  'starting',
  'running',
  'stopping',
  'waiting',
  'ended',
  'gave-up',
] as const;
export const PilotState = v.picklist(PILOT_STATES);
export type PilotState = v.InferOutput<typeof PilotState>;

/**
 * What becomes of a slot and its pilot, for people: `waiting` for the time of its next start, `joining`
 * while it cannot take payloads yet, `ready` where it does not tell more, `ending` once it was told to,
 * `ended` if no other follows, `failed` if it was given up, `held` with its VM.
 */
export const PILOT_ACTIVITIES = [
  'waiting',
  'starting',
  'joining',
  'ready',
  'idle',
  'busy',
  'draining',
  'ending',
  'ended',
  'failed',
  'held',
] as const;
export const PilotActivity = v.picklist(PILOT_ACTIVITIES);
export type PilotActivity = v.InferOutput<typeof PilotActivity>;
