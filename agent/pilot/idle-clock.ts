import * as v from 'valibot';
import { elapsedMs, later, Moment } from '../moment.ts';
import type { Answer } from './answer.ts';

/**
 * For how long a pilot has said that it has nothing to do. It goes only between looks at which the pilot
 * said so; while nobody knows it stands, since that is neither idleness nor work.
 */
export const IdleClock = v.object({
  /** While it goes: the pilot has been idle since then. */
  since: Moment,
  /** While it stands: ms of idleness so far. */
  stoodMs: v.optional(v.number()),
  /** Payloads that the run had started by then: another number tells of work between two looks. */
  started: v.optional(v.number()),
});
export type IdleClock = v.InferOutput<typeof IdleClock>;

/** ms of idleness. */
export const idleMs = ({ since, stoodMs }: IdleClock, now: Moment): number =>
  stoodMs ?? elapsedMs(since, now);

/** @param lookedAt until when it is known to have been idle; `undefined`: nobody remembers */
export const standIdleClock = (clock: IdleClock, lookedAt: Moment | undefined): IdleClock =>
  clock.stoodMs !== undefined
    ? clock
    : {
        ...clock,
        stoodMs: lookedAt?.bootId === clock.since.bootId ? elapsedMs(clock.since, lookedAt) : 0,
      };

/**
 * The clock after a look; `undefined` while the pilot is not idle. Pure.
 * @param lookedAt when the same agent looked before
 */
export const turnIdleClock = (
  clock: IdleClock | undefined,
  answer: Answer | undefined,
  { now, lookedAt }: { now: Moment; lookedAt: Moment | undefined },
): IdleClock | undefined => {
  const payloads = answer?.payloads;
  if (payloads === undefined || !payloads.ok)
    return clock === undefined ? undefined : standIdleClock(clock, lookedAt);
  if (payloads.value > 0 || answer?.ready === false) return undefined;
  const started = answer?.payloadsStarted;
  const told = started === undefined ? {} : { started };
  const hasWorked = started !== undefined && started !== (clock?.started ?? started);
  if (clock === undefined || hasWorked || clock.since.bootId !== now.bootId)
    return { since: now, ...told };
  return clock.stoodMs === undefined
    ? clock
    : {
        since: later(now, -clock.stoodMs),
        ...(clock.started === undefined ? told : { started: clock.started }),
      };
};
