import { elapsedMs } from '../../moment.ts';
import type { Policy } from './policy.ts';
import { haltAfterWindow, notAtWork } from './window.ts';

/** Halts a VM whose pilots say that they have nothing to do. Pilots that say nothing prove nothing. */
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
      return { action: 'none', because: `payloads are unknown (${payloads.reason})` };
    if (payloads.value > 0)
      return { action: 'none', because: `${payloads.value} payloads are running` };
    const ageMs = elapsedMs(state.firstStart, now);
    return haltAfterWindow({ since, now, ageMs }, settings, 'no payload');
  },
};
