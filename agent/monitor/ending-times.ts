import type { Context } from '../context/schema.ts';
import type { MonitorState } from './state.ts';

/** How an end that has to be over in time is divided. */
export interface EndingTimes {
  /** ms until the pilots are ended. */
  drainMs: number;
  /** ms from their signal to KILL. */
  graceMs: number;
  /** ms for the last words. */
  farewellMs: number;
}

/** The same context, but that pilots have less from their signal to KILL where the end is near. */
export const hasten = ({ ending }: Pick<MonitorState, 'ending'>, context: Context): Context => {
  const graceMs = ending?.graceMs;
  if (graceMs === undefined || graceMs >= context.ending.killGrace) return context;
  return { ...context, ending: { ...context.ending, killGrace: graceMs } };
};

/** The part of a time that is short which is kept for the last words. */
const FAREWELL_SHARE = 1 / 4;

/**
 * Divides what is left of a VM: pilots first, who have the grace that the context gives them, then the last
 * words. Where that is more than there is, both are cut short, so that the pilots' end is still ours.
 */
export const planEndingTimes = (
  leftMs: number,
  { killGrace, farewell }: Pick<Context['ending'], 'killGrace' | 'farewell'>,
): EndingTimes => {
  const left = Math.max(0, leftMs);
  if (left >= killGrace + farewell)
    return { drainMs: left - killGrace - farewell, graceMs: killGrace, farewellMs: farewell };
  const farewellMs = Math.min(farewell, Math.floor(left * FAREWELL_SHARE));
  return { drainMs: 0, graceMs: Math.min(killGrace, left - farewellMs), farewellMs };
};
