import type { PilotActivity } from '../../protocol/words.ts';
import type { Answer } from './answer.ts';
import type { SlotState } from './slot-state.ts';

/** What the whole VM is up to, as far as it is told of its pilots. */
export interface VmCourse {
  /** It drains or halts: no pilot starts any more. */
  isEnding: boolean;
  /** It cannot work, and starts no pilot for that reason. */
  isHeld: boolean;
}

/** What a pilot that runs does, as far as that can be told. */
const ofRunning = (
  slot: Extract<SlotState, { state: 'running' }>,
  { ready, joined, payloads, draining }: Answer,
  { isEnding }: VmCourse,
): PilotActivity => {
  if (isEnding || draining === true || slot.told !== undefined) return 'draining';
  if (ready === false || joined === false) return 'joining';
  if (!payloads.ok) return 'ready';
  return payloads.value > 0 ? 'busy' : 'idle';
};

/**
 * The one word for what becomes of a slot and its pilot, wherever it is shown. Pure.
 * @param answer what is known of the run that is alive
 */
export const activityOf = (
  slot: SlotState,
  answer: Answer | undefined,
  course: VmCourse,
): PilotActivity => {
  switch (slot.state) {
    case 'starting':
      return 'starting';
    case 'running':
      return ofRunning(slot, answer ?? { payloads: { ok: false, reason: 'no-data' } }, course);
    case 'stopping':
      return 'ending';
    case 'ended':
      return 'ended';
    case 'gave-up':
      return 'failed';
    case 'waiting':
      if (course.isEnding) return 'ended';
      return course.isHeld ? 'held' : 'waiting';
  }
};
