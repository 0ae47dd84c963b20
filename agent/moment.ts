import * as v from 'valibot';

/**
 * A point in time that survives a restart. Within one boot elapsed time is monotonic, so that no clock
 * step moves it; across boots only the wall clock is left.
 */
export const Moment = v.object({ bootId: v.string(), monotonicMs: v.number(), wallMs: v.number() });
export type Moment = v.InferOutput<typeof Moment>;

/** ms from then to now, never negative. */
export const elapsedMs = (then: Moment, now: Moment): number =>
  Math.max(
    0,
    then.bootId === now.bootId ? now.monotonicMs - then.monotonicMs : now.wallMs - then.wallMs,
  );

/** The moment that lies some ms later. */
export const later = (moment: Moment, ms: number): Moment => ({
  bootId: moment.bootId,
  monotonicMs: moment.monotonicMs + ms,
  wallMs: moment.wallMs + ms,
});

/** Whichever of two comes first. */
export const sooner = (a: Moment, b: Moment, now: Moment): Moment =>
  remainingMs(a, now) <= remainingMs(b, now) ? a : b;

/** True of two that lie no further apart than that; what was told as time that is left is never quite the same. */
export const isNear = (a: Moment, b: Moment, now: Moment, toleranceMs: number): boolean =>
  Math.abs(remainingMs(a, now) - remainingMs(b, now)) <= toleranceMs;

/** ms from now until then; negative once it has passed. */
export const remainingMs = (then: Moment, now: Moment): number =>
  then.bootId === now.bootId ? then.monotonicMs - now.monotonicMs : then.wallMs - now.wallMs;
