import { elapsedMs, later } from '../moment.ts';
import { OUTCOMES, type Outcome } from './outcome.ts';
import type { SlotState } from './slot-state.ts';
import type { SuperviseInput, SupervisePolicy } from './supervise.ts';

/** Doubles from failure to failure up to the most, then half of it is left to chance. */
export const backoffMs = (
  failures: number,
  { first, most }: Pick<SupervisePolicy, 'first' | 'most'>,
  jitter: number,
): number => Math.min(most, first * 2 ** Math.min(failures - 1, 30)) * (0.5 + jitter / 2);

/** After a run: try again now or later, rest, or give up. */
export const followEnd = (
  slot: SlotState,
  { outcome, lastExit }: { outcome: Outcome; lastExit: string },
  { now, policy, jitter }: SuperviseInput,
): SlotState => {
  const { next } = OUTCOMES[outcome];
  const tooShort = next === 'again' && elapsedMs(slot.since, now) < policy.minimumRun;
  const isFailure = next === 'fail' || next === 'give-up' || tooShort;
  const failures = isFailure ? slot.failures + 1 : 0;
  const idles = next === 'rest' ? (slot.idles ?? 0) + 1 : 0;
  const kept = {
    generation: slot.generation,
    since: now,
    failures,
    lastExit,
    outcome,
    ...(idles === 0 ? {} : { idles }),
  };
  const isWanted =
    policy.restart === 'always' ||
    (policy.restart === 'on-failure' && (next === 'fail' || next === 'give-up'));
  if (next === 'end' || !isWanted) return { ...kept, state: 'ended' };
  if (next === 'give-up' || failures >= policy.giveUpAfter) return { ...kept, state: 'gave-up' };
  const tries = failures + idles;
  if (tries === 0) return { ...kept, state: 'waiting' };
  return { ...kept, state: 'waiting', notBefore: later(now, backoffMs(tries, policy, jitter)) };
};
