import { messageOf } from '../../platform/errors.ts';
import type { ClockOffset } from '../clock-offset.ts';
import type { Context } from '../context/schema.ts';
import type { Moment } from '../moment.ts';
import type { Answer } from '../pilot/answer.ts';
import type { Slot } from '../pilot/slots.ts';
import { type UnitSighting, unitId } from '../pilot/unit/unit.ts';
import type { AgentPorts } from '../ports.ts';
import { FAILED, NO_DATA, type Reading, sumReadings } from '../reading.ts';
import type { ReadAnswers } from './readings/answers.ts';
import { type CpuSample, cpuCoresByUnit, sampleCpu } from './readings/cpu.ts';
import { readLoad } from './readings/load.ts';
import { createReadMachine, type MachinePorts } from './readings/machine.ts';
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

type ObservePorts = MachinePorts & Pick<AgentPorts, 'units' | 'kind'>;

/**
 * Keeps the last look, since processor use lies between two.
 * @param clockOffset what the receiver's answers have told of it
 */
export const createObserve = (
  ports: ObservePorts,
  readAnswers: ReadAnswers,
  clockOffset: () => ClockOffset | undefined = () => undefined,
): Observe => {
  const { host, units, log, kind } = ports;
  let before: CpuSample | undefined;
  const readMachine = createReadMachine(ports, clockOffset);

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
    const load =
      kind === 'folder' ? allCores : await orFailed('load', async () => readLoad(host), FAILED);
    return {
      sightings,
      cpuCores,
      answers: answers ?? new Map(),
      readings: {
        load,
        cpuCores: allCores,
        ...readMachine(now, look),
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
