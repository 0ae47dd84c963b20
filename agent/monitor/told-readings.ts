import type { HeartbeatRequest } from '../../protocol/heartbeat.ts';
import type { ToldReading } from '../../protocol/readings.ts';
import type { Reading } from '../reading.ts';
import type { Readings } from './snapshot.ts';

type Told = Pick<
  HeartbeatRequest,
  'load' | 'cpuCores' | 'payloads' | 'gpus' | 'readings' | 'readingAgesMs'
>;

/** Four digits are more than any of them is worth. */
const shortened = (reading: Reading): ToldReading =>
  reading.ok ? Number(reading.value.toPrecision(4)) : reading.reason;

/** The readings as heartbeats and the status tell them. Pure. */
export const tellReadings = (readings: Readings): Told => {
  const { load, cpuCores, payloads, gpus, agesMs = {}, ...others } = readings;
  const ages = Object.entries(agesMs).map(([name, ageMs]) => [name, Math.round(ageMs)] as const);
  const told = Object.entries(others).map(
    ([name, reading]: [string, Reading]) => [name, shortened(reading)] as const,
  );
  return {
    ...{ load, cpuCores, payloads },
    ...(gpus === undefined ? {} : { gpus }),
    ...(told.length === 0 ? {} : { readings: Object.fromEntries(told) }),
    ...(ages.length === 0 ? {} : { readingAgesMs: Object.fromEntries(ages) }),
  };
};
