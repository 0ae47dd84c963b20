import type { Clock } from '../../platform/clock.ts';

export interface LeapingClock extends Clock {
  /** The pauses that were asked for, ms. */
  pauses: readonly number[];
}

/** A clock on which every pause is over at once: for what waits between calls to a real server. */
export const createLeapingClock = (): LeapingClock => {
  const pauses: number[] = [];
  let nowMs = 60_000;
  return {
    pauses,
    wallMs: () => nowMs,
    monotonicMs: () => nowMs,
    sleep: async ms => {
      pauses.push(ms);
      nowMs += ms;
    },
  };
};
