import { formatDuration } from '../../platform/duration.ts';
import { readingWords } from '../../protocol/reading-words.ts';
import type { Status } from '../monitor/status.ts';
import { describeReading } from '../reading.ts';

type Told = Pick<Status, 'load' | 'cpuCores' | 'payloads' | 'gpus' | 'readings' | 'readingAgesMs'>;

/** ` (40s ago)` of what was not taken just now. */
const agoOf = ({ readingAgesMs = {} }: Told, name: string): string => {
  const ageMs = readingAgesMs[name] ?? 0;
  return ageMs < 1000 ? '' : ` (${formatDuration(ageMs)} ago)`;
};

/** What decides most: how busy the VM is. */
export const describeUse = (told: Told): string => {
  const { load, cpuCores, gpus, payloads } = told;
  const gpuUse =
    gpus === undefined ? '' : `, GPUs in use ${describeReading(gpus)}${agoOf(told, 'gpus')}`;
  return `load ${describeReading(load)}, cores in use ${describeReading(cpuCores)}${gpuUse}, payloads ${describeReading(payloads)}`;
};

/** All other readings on one line, each with its age; nothing where there are none. */
export const describeMachine = (told: Told): string[] => {
  const said = Object.entries(told.readings ?? {}).map(([name, reading]) => {
    const { label, text } = readingWords(name, reading);
    return `${label} ${text}${agoOf(told, name)}`;
  });
  return said.length === 0 ? [] : [said.join(', ')];
};
