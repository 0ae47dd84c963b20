import { elapsedMs } from '../../moment.ts';
import { describeReading } from '../../reading.ts';
import type { Policy } from './policy.ts';
import { haltAfterWindow, notAtWork } from './window.ts';

/**
 * Halts a VM on which nothing runs, neither on its cores nor on its GPUs. A failed reading breaks the
 * window, and so does a payload that a pilot says it runs: waiting for data is not idleness.
 */
export const zeroLoad: Policy = {
  name: 'zero-load',
  judge: input => {
    const { state, snapshot, context, since } = input;
    const { now, readings } = snapshot;
    const settings = context.policies.zeroLoad;
    if (settings === false) return { action: 'none', because: 'switched off by the context' };
    const resting = notAtWork(input);
    if (resting !== undefined) return resting;
    const { load, payloads, gpus } = readings;
    if (!load.ok) return { action: 'none', because: `load is unknown (${load.reason})` };
    const told = `load ${describeReading(load)}`;
    if (load.value >= settings.below)
      return { action: 'none', because: `${told}, not below ${settings.below}` };
    if (gpus !== undefined && !gpus.ok)
      return {
        action: 'none',
        because: `${told}, but the use of the GPUs is unknown (${gpus.reason})`,
      };
    if (gpus !== undefined && gpus.value >= settings.below)
      return { action: 'none', because: `${told}, but GPUs in use ${describeReading(gpus)}` };
    if (payloads.ok && payloads.value > 0)
      return { action: 'none', because: `${told}, but ${payloads.value} payloads are running` };
    const ageMs = elapsedMs(state.firstStart, now);
    return haltAfterWindow({ since, now, ageMs }, settings, `${told} below ${settings.below}`);
  },
};
