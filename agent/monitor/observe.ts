import { messageOf } from '../../platform/errors.ts';
import type { Context } from '../context/schema.ts';
import type { Moment } from '../moment.ts';
import type { Answer } from '../pilot/answer.ts';
import type { Slot } from '../pilot/slots.ts';
import { type UnitSighting, unitId } from '../pilot/unit/unit.ts';
import type { AgentPorts } from '../ports.ts';
import { FAILED, NO_DATA, type Reading, sumReadings } from '../reading.ts';
import type { ReadAnswers } from './readings/answers.ts';
import { type CpuSample, cpuCoresByUnit, sampleCpu } from './readings/cpu.ts';
import { createReadGpuUse } from './readings/gpus.ts';
import { readLoad } from './readings/load.ts';
import type { Readings } from './snapshot.ts';

/** One look at the machine: the units that exist, and what was measured. */
export interface Observation {
  sightings: UnitSighting[];
  readings: Readings;
  /** By unit. */
  cpuCores: ReadonlyMap<string, Reading>;
  answers: ReadonlyMap<string, Answer>;
}

export type Observe = (
  now: Moment,
  look: { context: Context; slots: readonly Slot[]; hardEnd: Moment },
) => Promise<Observation>;

type ObservePorts = Pick<AgentPorts, 'host' | 'exec' | 'units' | 'log' | 'kind'>;

/** Keeps the last look, since processor use lies between two. */
export const createObserve = (
  { host, exec, units, log, kind }: ObservePorts,
  readAnswers: ReadAnswers,
): Observe => {
  let before: CpuSample | undefined;
  const readGpuUse = createReadGpuUse({ host, exec, log });

  const orFailed = async <T>(what: string, read: () => Promise<T>, failed: T): Promise<T> => {
    try {
      return await read();
    } catch (error) {
      log.warn({ error: messageOf(error) }, `${what} could not be read`);
      return failed;
    }
  };

  return async (now, look) => {
    // Without knowing which units exist nothing can be decided: this one failure stops the tick.
    const sightings = await units.sight();
    const sample = sampleCpu(sightings, now.monotonicMs);
    const cpuCores = cpuCoresByUnit(before, sample);
    before = sample;
    const allCores = sumReadings([...cpuCores.values()]);
    const answers = await orFailed('answers', () => readAnswers(sightings, now, look), undefined);
    const payloads = sightings
      .filter(({ state }) => state === 'running')
      .map(unit => answers?.get(unitId(unit))?.payloads ?? NO_DATA);
    const gpus = readGpuUse(now, look.slots);
    const load =
      kind === 'folder' ? allCores : await orFailed('load', () => readLoad(host), FAILED);
    return {
      sightings,
      cpuCores,
      answers: answers ?? new Map(),
      readings: {
        load,
        cpuCores: allCores,
        ...(gpus === undefined ? {} : { gpus }),
        payloads: answers === undefined ? FAILED : sumReadings(payloads),
      },
    };
  };
};

export const NOTHING_SEEN: Observation = {
  sightings: [],
  cpuCores: new Map(),
  answers: new Map(),
  readings: {
    load: NO_DATA,
    cpuCores: NO_DATA,
    payloads: NO_DATA,
  },
};
