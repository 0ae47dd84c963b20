import { elapsedMs } from '../../moment.ts';
import { describeReading } from '../../reading.ts';
import type { Policy } from './policy.ts';
import { isSomeBusy } from './some-busy.ts';
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
    const { load, cpuCores, payloads, gpus } = readings;
    if (!load.ok) return { action: 'none', because: `load is unknown (${load.reason})` };
    const told = `load ${describeReading(load)}`;
    if (load.value >= settings.below)
      return { action: 'none', because: `${told}, not below ${settings.below}` };
    // What has just begun is not in the average yet.
    if (cpuCores.ok && cpuCores.value >= settings.below)
      return { action: 'none', because: `${told}, but cores in use ${describeReading(cpuCores)}` };
    if ([cpuCores, payloads].some(reading => !reading.ok && reading.reason === 'failed'))
      return { action: 'none', because: `${told}, but what pilots do could not be read` };
    if (gpus !== undefined && !gpus.ok)
      return {
        action: 'none',
        because: `${told}, but the use of the GPUs is unknown (${gpus.reason})`,
      };
    if (gpus !== undefined && gpus.value >= settings.below)
      return { action: 'none', because: `${told}, but GPUs in use ${describeReading(gpus)}` };
    if (payloads.ok && payloads.value > 0)
      return { action: 'none', because: `${told}, but ${payloads.value} payloads are running` };
    if (isSomeBusy(snapshot))
      return { action: 'none', because: `${told}, but some pilots have payloads` };
    const ageMs = elapsedMs(state.firstStart, now);
    return haltAfterWindow({ since, now, ageMs }, settings, `${told} below ${settings.below}`);
  },
};
