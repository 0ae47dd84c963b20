import { elapsedMs, later, type Moment } from '../../moment.ts';
import type { Snapshot } from '../snapshot.ts';
import type { Policy } from './policy.ts';
import { isSomeBusy } from './some-busy.ts';
import { haltAfterWindow, notAtWork } from './window.ts';

/** The window stands while nobody knows: it is as long as before, but begins later. */
const stood = (since: Moment | undefined, { now, lookedAt }: Snapshot): Moment | undefined =>
  since === undefined || lookedAt === undefined
    ? undefined
    : later(since, elapsedMs(lookedAt, now));

/**
 * Halts a VM whose pilots say that they have nothing to do. Pilots that say nothing prove nothing: while one
 * has not spoken yet, as after each of its starts, that is neither idleness nor work.
 */
export const noPayloads: Policy = {
  name: 'no-payloads',
  judge: input => {
    const { state, snapshot, context, since } = input;
    const { now, readings } = snapshot;
    const settings = context.policies.noPayloads;
    if (settings === false) return { action: 'none', because: 'switched off by the context' };
    const resting = notAtWork(input);
    if (resting !== undefined) return resting;
    const { payloads } = readings;
    if (!payloads.ok)
      return isSomeBusy(snapshot)
        ? { action: 'none', because: 'some pilots have payloads' }
        : {
            action: 'none',
            because: `payloads are unknown (${payloads.reason})`,
            since: stood(since, snapshot),
          };
    if (payloads.value > 0)
      return { action: 'none', because: `${payloads.value} payloads are running` };
    const ageMs = elapsedMs(state.firstStart, now);
    return haltAfterWindow({ since, now, ageMs }, settings, 'no payload');
  },
};
