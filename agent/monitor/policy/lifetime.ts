import { formatDuration } from '../../../platform/duration.ts';
import type { Context } from '../../context/schema.ts';
import { elapsedMs, later } from '../../moment.ts';
import type { Policy } from './policy.ts';

/** At which age of the VM its pilots are ended at the latest, ms: early enough to be gone by the hard end. */
export const haltAgeMs = ({ policies, ending }: Context): number =>
  Math.max(0, policies.lifetime.max - ending.killGrace - ending.farewell);

/**
 * Drains early enough that a typical payload that has just started still ends, and halts so that all is over
 * by the hard end. The hard end is counted from the VM's first start; no restart of agent or VM extends it,
 * and a policy that only observes keeps to it.
 */
export const lifetime: Policy = {
  name: 'lifetime',
  asks: ['drain', 'halt'],
  when: 'a payload could not end before the hard end any more; the hard end',
  mode: ({ policies }) => policies.lifetime.mode,
  judge: ({ state, snapshot: { now }, context, spread }) => {
    const { max, payload, spread: spreadMs } = context.policies.lifetime;
    const age = elapsedMs(state.firstStart, now);
    const haltAt = haltAgeMs(context);
    const drainAt = Math.max(0, haltAt - payload - spread * spreadMs);
    const told = `age ${formatDuration(age)}, draining from ${formatDuration(drainAt)}, hard end at ${formatDuration(max)}`;
    if (age >= haltAt) return { action: 'halt', because: told, isBinding: true };
    if (age >= drainAt)
      return { action: 'drain', because: told, deadline: later(now, haltAt - age) };
    return { action: 'none', because: told };
  },
};
