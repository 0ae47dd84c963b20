import type { Moment } from '../moment.ts';
import { idleMs, standIdleClock, turnIdleClock } from './idle-clock.ts';
import type { Outcome } from './outcome.ts';
import type { SlotState } from './slot-state.ts';
import type { SuperviseInput } from './supervise.ts';

/** A slot of its own that is empty retires: its pilot ends as one that found nothing to do, its neighbours go on. */

/** Brings the clock of a running pilot up to a look. A run that has had work is not one more idle run. */
export const noteIdleness = (
  slot: SlotState,
  { answer, now, lookedAt }: Pick<SuperviseInput, 'answer' | 'now' | 'lookedAt'>,
): SlotState => {
  if (slot.state !== 'running') return slot;
  const { idle: before, idles, ...rest } = slot;
  const idle = turnIdleClock(before, answer, { now, lookedAt });
  const hasWorked =
    (answer?.payloadsStarted ?? 0) > 0 || (answer?.payloads.ok && answer.payloads.value > 0);
  return {
    ...rest,
    ...(idle === undefined ? {} : { idle }),
    ...(idles === undefined || hasWorked ? {} : { idles }),
  };
};

/** Only a look that says so ends a pilot: what is unknown now may be work. */
export const isIdleForLong = (
  slot: SlotState,
  { now, policy: { idleEnd } }: Pick<SuperviseInput, 'now' | 'policy'>,
): boolean =>
  slot.state === 'running' &&
  slot.idle !== undefined &&
  slot.idle.stoodMs === undefined &&
  idleEnd !== undefined &&
  idleMs(slot.idle, now) >= idleEnd;

/** From the word that it is to take no more payloads to its signal, for one that stays idle, ms. */
const LEAVE_MS = 60_000;

/**
 * A pilot that can be told to take no more payloads is told first: one that has got a payload since the last
 * look keeps it, and ends after that.
 */
export const mayLeaveFirst = (
  slot: SlotState,
  { now, policy: { isTold, idleEnd = 0 } }: Pick<SuperviseInput, 'now' | 'policy'>,
): boolean =>
  isTold &&
  slot.state === 'running' &&
  slot.idle !== undefined &&
  idleMs(slot.idle, now) < idleEnd + LEAVE_MS;

/** What it means that a pilot has ended that was to retire: unless it found work after all, it had none. */
export const ofRetired = (slot: SlotState, outcome: Outcome): Outcome =>
  slot.state === 'running' &&
  slot.told === 'retire' &&
  slot.idle !== undefined &&
  outcome === 'work-done'
    ? 'nothing-to-do'
    : outcome;

/**
 * After a restart of the agent: what passed since the last look of the agent before it is neither idleness
 * nor work.
 */
export const standIdleClocks = (
  slots: Readonly<Record<string, SlotState>>,
  lookedAt: Moment | undefined,
): Record<string, SlotState> =>
  Object.fromEntries(
    Object.entries(slots).map(([name, slot]) => [
      name,
      slot.state === 'running' && slot.idle !== undefined
        ? { ...slot, idle: standIdleClock(slot.idle, lookedAt) }
        : slot,
    ]),
  );
