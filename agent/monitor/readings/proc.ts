import { isPilotageError, messageOf } from '../../../platform/errors.ts';
import type { Files } from '../../../platform/files.ts';
import type { Log } from '../../../platform/log.ts';
import type { Moment } from '../../moment.ts';
import { FAILED, measured, type Reading } from '../../reading.ts';
import type { ReadingName, Readings } from '../snapshot.ts';
import { parseBusyMs } from './busy-cores.ts';
import { type CounterSample, type Counters, growthPerMs } from './counters.ts';
import { parseDiskBytes } from './disk-traffic.ts';
import { parseIoWaitMs } from './io-wait.ts';
import { parseMemoryFree } from './memory.ts';
import { parseNetworkBytes } from './network.ts';
import { parsePressure } from './pressure.ts';

/** A file of the kernel's, and what it tells. */
interface Source<T> {
  name: ReadingName;
  path: string;
  maxBytes: number;
  parse(text: string): Reading<T>;
}

const KIB = 1024;

const GAUGES: readonly Source<number>[] = [
  { name: 'memoryFreeShare', path: '/proc/meminfo', maxBytes: 8 * KIB, parse: parseMemoryFree },
  { name: 'cpuPressure', path: '/proc/pressure/cpu', maxBytes: KIB, parse: parsePressure },
  { name: 'memoryPressure', path: '/proc/pressure/memory', maxBytes: KIB, parse: parsePressure },
  { name: 'ioPressure', path: '/proc/pressure/io', maxBytes: KIB, parse: parsePressure },
];

/** `per`: of how many ms the growth is told. */
const COUNTERS: readonly (Source<Counters> & { per: number })[] = [
  {
    ...{ name: 'busyCores', path: '/proc/stat', maxBytes: 128 * KIB },
    ...{ parse: parseBusyMs, per: 1 },
  },
  {
    ...{ name: 'ioWaitCores', path: '/proc/stat', maxBytes: 128 * KIB },
    ...{ parse: parseIoWaitMs, per: 1 },
  },
  {
    ...{ name: 'networkBytesPerS', path: '/proc/net/dev', maxBytes: 32 * KIB },
    ...{ parse: parseNetworkBytes, per: 1000 },
  },
  {
    ...{ name: 'diskBytesPerS', path: '/proc/diskstats', maxBytes: 32 * KIB },
    ...{ parse: parseDiskBytes, per: 1000 },
  },
];

/** What the kernel tells for next to nothing, at every look. */
export type ReadProc = (now: Moment) => Partial<Readings>;

/**
 * What this kernel does not tell, as without pressure stall information, is left out. One file that fails spoils
 * no other, and what once was there and has gone has failed.
 * @param files of the VM: a folder that stands for one has them only where somebody put them
 */
export const createReadProc = ({ files, log }: { files: Files; log: Log }): ReadProc => {
  const told = new Set<ReadingName>();
  const failing = new Set<ReadingName>();
  const samples = new Map<ReadingName, CounterSample>();

  const readText = ({ path, maxBytes }: Source<unknown>): string | undefined => {
    try {
      return files.readKernel(path, maxBytes);
    } catch (error) {
      // A kernel that could account for pressure, and was not started to.
      if (isPilotageError(error) && error.context.errno === 'ENOTSUP') return undefined;
      throw error;
    }
  };

  const readOne = <T>(
    source: Source<T>,
    textOf: (source: Source<unknown>) => string | undefined,
  ): Reading<T> | undefined => {
    const { name, path } = source;
    let found: Reading<T> | undefined = FAILED;
    let why = 'it is not understood';
    try {
      const text = textOf(source);
      if (text !== undefined) found = source.parse(text);
      else if (told.has(name)) why = 'it has gone';
      else found = undefined;
    } catch (error) {
      why = messageOf(error);
    }
    if (found !== undefined) told.add(name);
    if (found === undefined || found.ok) failing.delete(name);
    else if (!failing.has(name)) {
      failing.add(name);
      log.warn({ path, error: why }, `${name} could not be read`);
    }
    return found;
  };

  return ({ monotonicMs }) => {
    /** Of what several look into, the kernel makes up one text a look. */
    const texts = new Map<string, string | undefined>();
    const textOf = (source: Source<unknown>): string | undefined => {
      if (!texts.has(source.path)) texts.set(source.path, readText(source));
      return texts.get(source.path);
    };
    const readings: Partial<Record<ReadingName, Reading>> = {};
    for (const gauge of GAUGES) {
      const found = readOne(gauge, textOf);
      if (found !== undefined) readings[gauge.name] = found;
    }
    for (const counter of COUNTERS) {
      const { name, per } = counter;
      const counters = readOne(counter, textOf);
      if (counters === undefined) continue;
      const sample = { monotonicMs, counters };
      const grown = growthPerMs(samples.get(name), sample);
      samples.set(name, sample);
      readings[name] = grown.ok ? measured(grown.value * per) : grown;
    }
    return readings;
  };
};
