import { elapsedMs } from '../../moment.ts';
import { describeReading, NO_DATA } from '../../reading.ts';
import type { Readings, Snapshot } from '../snapshot.ts';
import { modeIn } from './mode.ts';
import type { Policy } from './policy.ts';
import { isSomeBusy } from './some-busy.ts';
import { type Traffic, trafficOf } from './traffic.ts';
import { haltAfterWindow, notAtWork } from './window.ts';

/**
 * Load that no processor works for: what waits in the kernel for data counts as load, also where none ever
 * comes, as on a dead mount. It is told apart only where everything was measured.
 */
const isVain = (
  { cpuCores, busyCores = NO_DATA }: Readings,
  traffic: Traffic,
  below: number,
): boolean =>
  traffic.state === 'still' &&
  [cpuCores, busyCores].every(cores => cores.ok && cores.value < below);

/** Why the VM counts as used, or cannot be said not to be; `undefined`: nothing runs on it. */
const useOf = (snapshot: Snapshot, traffic: Traffic, below: number): string | undefined => {
  const { load, cpuCores, payloads, gpus } = snapshot.readings;
  if (!load.ok) return `load is unknown (${load.reason})`;
  const told = `load ${describeReading(load)}`;
  // What has just begun is not in the average yet.
  if (cpuCores.ok && cpuCores.value >= below)
    return `${told}, and cores in use ${describeReading(cpuCores)}`;
  if ([cpuCores, payloads].some(reading => !reading.ok && reading.reason === 'failed'))
    return `${told}, but what pilots do could not be read`;
  if (gpus !== undefined && !gpus.ok)
    return `${told}, but the use of the GPUs is unknown (${gpus.reason})`;
  if (gpus !== undefined && gpus.value >= below)
    return `${told}, but GPUs in use ${describeReading(gpus)}`;
  if (payloads.ok && payloads.value > 0)
    return `${told}, but ${payloads.value} payloads are running`;
  if (isSomeBusy(snapshot)) return `${told}, but some pilots have payloads`;
  return traffic.state === 'moving' || traffic.state === 'unknown'
    ? `${told}, but ${traffic.told}`
    : undefined;
};

/**
 * Halts a VM on which nothing runs, neither on its cores nor on its GPUs, and for which no data moves. A failed
 * reading breaks the window, and so does a payload that a pilot says it runs: waiting for data is not idleness,
 * as long as data comes.
 */
export const zeroLoad: Policy = {
  name: 'zero-load',
  asks: ['halt'],
  when: 'nothing has used cores or GPUs, and no data has moved, for a window',
  mode: ({ policies }) => modeIn(policies.zeroLoad),
  judge: input => {
    const { state, snapshot, context, since } = input;
    const { now, readings } = snapshot;
    const settings = context.policies.zeroLoad;
    if (settings === false) return { action: 'none', because: 'switched off by the context' };
    const resting = notAtWork(input);
    if (resting !== undefined) return resting;
    const { below, movingKbPerS } = settings;
    const traffic = trafficOf(readings, movingKbPerS);
    const use = useOf(snapshot, traffic, below);
    if (use !== undefined) return { action: 'none', because: use };
    const { load, ioWaitCores = NO_DATA } = readings;
    const told = `load ${describeReading(load)}`;
    const isQuiet = load.ok && load.value < below;
    if (!isQuiet && !isVain(readings, traffic, below))
      return { action: 'none', because: `${told}, not below ${below}` };
    const condition = isQuiet
      ? `${told} below ${below}`
      : `${told} waits in vain (I/O wait ${describeReading(ioWaitCores)}, ${traffic.told})`;
    const ageMs = elapsedMs(state.firstStart, now);
    return haltAfterWindow({ since, now, ageMs }, settings, condition, context);
  },
};
