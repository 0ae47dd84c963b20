import { elapsedMs } from '../../moment.ts';
import { modeIn } from './mode.ts';
import type { Policy } from './policy.ts';
import { isSomeBusy } from './some-busy.ts';
import { trafficOf } from './traffic.ts';
import { haltAfterWindow, notAtWork, stood } from './window.ts';

/**
 * Halts a VM whose pilots say that they have nothing to do. Pilots that say nothing prove nothing: while one
 * has not spoken yet, as after each of its starts, that is neither idleness nor work. Data that moves is work
 * before or after a payload.
 */
export const noPayloads: Policy = {
  name: 'no-payloads',
  asks: ['halt'],
  when: 'all pilots have said for a window that they have no payload, and no data has moved',
  mode: ({ policies }) => modeIn(policies.noPayloads),
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
    const traffic = trafficOf(readings, settings.movingKbPerS);
    if (traffic.state === 'moving')
      return { action: 'none', because: `no payload, but ${traffic.told}` };
    if (traffic.state === 'unknown') {
      const because = `no payload, but ${traffic.told}`;
      return { action: 'none', because, since: stood(since, snapshot) };
    }
    const ageMs = elapsedMs(state.firstStart, now);
    return haltAfterWindow({ since, now, ageMs }, settings, 'no payload', context);
  },
};
