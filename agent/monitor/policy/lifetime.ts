import { formatDuration } from '../../../platform/duration.ts';
import { elapsedMs, later } from '../../moment.ts';
import type { Policy } from './policy.ts';

/**
 * Drains early enough that a typical payload still ends, and halts so that all is over by the hard
 * end. The hard end is counted from the VM's first start; no restart of agent or VM extends it.
 */
export const lifetime: Policy = {
  name: 'lifetime',
  judge: ({ state, snapshot: { now }, context: { policies, ending }, spread }) => {
    const { max, payload, spread: spreadMs } = policies.lifetime;
    const age = elapsedMs(state.firstStart, now);
    const haltAt = Math.max(0, max - ending.killGrace - ending.farewell);
    const drainAt = Math.min(haltAt, max - payload - spread * spreadMs);
    const told = `age ${formatDuration(age)}, draining from ${formatDuration(drainAt)}, hard end at ${formatDuration(max)}`;
    if (age >= haltAt) return { action: 'halt', because: told };
    if (age >= drainAt)
      return { action: 'drain', because: told, deadline: later(now, haltAt - age) };
    return { action: 'none', because: told };
  },
};
