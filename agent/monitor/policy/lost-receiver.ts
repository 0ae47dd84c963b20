import { formatDuration } from '../../../platform/duration.ts';
import { elapsedMs, later, type Moment } from '../../moment.ts';
import type { Policy, PolicyInput } from './policy.ts';

/** Since when it is silent: its last acknowledgement, or where silence began to count, whichever is later. */
const silentSince = ({ state, snapshot: { now, heardAt } }: PolicyInput): Moment =>
  [heardAt, state.heardAt]
    .filter(moment => moment !== undefined)
    .reduce(
      (newest, next) => (elapsedMs(next, now) < elapsedMs(newest, now) ? next : newest),
      state.firstStart,
    );

/**
 * A VM that its receiver does not hear works on; life time and dead-man end it. Where the context sets a
 * lease, it drains before that runs out, and halts with it. The time is monotonic: no clock step ends a VM.
 */
export const lostReceiver: Policy = {
  name: 'lost-receiver',
  asks: ['drain', 'halt'],
  when: 'the receiver has acknowledged nothing for the lease, where the context sets one',
  mode: ({ policies }) => policies.lostReceiver.mode,
  judge: input => {
    const { context, snapshot } = input;
    const { lifetime, lostReceiver } = context.policies;
    const { lease, drainBefore } = lostReceiver;
    if (context.receiver === undefined)
      return { action: 'none', because: 'the context names no receiver' };
    const since = silentSince(input);
    const silent = elapsedMs(since, snapshot.now);
    const told = `acknowledged ${formatDuration(silent)} ago`;
    if (lease === undefined) return { action: 'none', because: `${told}; there is no lease` };
    const drainMs = drainBefore ?? Math.min(lifetime.payload, lease / 2);
    const because = `${told}, of a lease of ${formatDuration(lease)} that drains for its last ${formatDuration(drainMs)}`;
    if (silent >= lease) return { action: 'halt', because };
    if (silent >= lease - drainMs)
      return { action: 'drain', because, deadline: later(since, lease) };
    return { action: 'none', because };
  },
};
