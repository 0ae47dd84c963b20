import { messageOf } from '../../platform/errors.ts';
import type { PilotReport } from '../../protocol/heartbeat.ts';
import type { Context } from '../context/schema.ts';
import { elapsedMs, type Moment } from '../moment.ts';
import { PILOT_KINDS } from '../pilot/kinds/index.ts';
import type { Slot } from '../pilot/slots.ts';
import { isAlive, type SlotState } from '../pilot/supervise.ts';
import { type UnitSighting, unitId } from '../pilot/unit/unit.ts';
import type { AgentPorts } from '../ports.ts';
import { FAILED, NO_DATA, type Reading, sumReadings } from '../reading.ts';
import { type CpuSample, cpuCoresByUnit, sampleCpu } from './readings/cpu.ts';
import { readLoad } from './readings/load.ts';
import { readPayloads } from './readings/payloads.ts';
import type { Readings } from './snapshot.ts';

/** One look at the machine: the units that exist, and what was measured. */
export interface Observation {
  sightings: UnitSighting[];
  readings: Readings;
  /** By unit. */
  cpuCores: ReadonlyMap<string, Reading>;
  payloads: ReadonlyMap<string, Reading>;
}

export type Observe = (now: Moment, context: Context) => Promise<Observation>;

type ObservePorts = Pick<AgentPorts, 'files' | 'host' | 'units' | 'log' | 'kind'>;

/** Keeps the last look, since processor use lies between two. */
export const createObserve = ({ files, host, units, log, kind }: ObservePorts): Observe => {
  let before: CpuSample | undefined;

  const orFailed = async <T>(what: string, read: () => Promise<T>, failed: T): Promise<T> => {
    try {
      return await read();
    } catch (error) {
      log.warn({ error: messageOf(error) }, `${what} could not be read`);
      return failed;
    }
  };

  return async (now, context) => {
    // Without knowing which units exist nothing can be decided: this one failure stops the tick.
    const sightings = await units.sight();
    const sample = sampleCpu(sightings, now.monotonicMs);
    const cpuCores = cpuCoresByUnit(before, sample);
    before = sample;
    const allCores = sumReadings([...cpuCores.values()]);
    const pilotKind = context.pilots === undefined ? undefined : PILOT_KINDS[context.pilots.kind];
    const payloads =
      pilotKind === undefined
        ? new Map<string, Reading>()
        : await orFailed(
            'payloads',
            () => readPayloads(files, sightings, pilotKind),
            new Map([['', FAILED]]),
          );
    const load =
      kind === 'folder' ? allCores : await orFailed('load', () => readLoad(host), FAILED);
    return {
      sightings,
      cpuCores,
      payloads,
      readings: { load, cpuCores: allCores, payloads: sumReadings([...payloads.values()]) },
    };
  };
};

/** The slots as heartbeats and `status` show them. */
export const reportPilots = (
  slots: Readonly<Record<string, SlotState>>,
  planned: readonly Slot[],
  { cpuCores, payloads }: Pick<Observation, 'cpuCores' | 'payloads'>,
  now: Moment,
): PilotReport[] =>
  Object.entries(slots).map(([slot, state]) => {
    const id = unitId({ slot, generation: state.generation });
    const cpu = cpuCores.get(id);
    const said = payloads.get(id);
    return {
      slot,
      generation: state.generation,
      state: state.state,
      cores: planned.find(({ name }) => name === slot)?.cores ?? 0,
      ...(cpu === undefined ? {} : { cpuCores: cpu }),
      ...(said === undefined ? {} : { payloads: said }),
      ...(isAlive(state) ? { runningMs: elapsedMs(state.since, now) } : {}),
      ...(state.lastExit === undefined ? {} : { lastExit: state.lastExit }),
    };
  });

export const NOTHING_SEEN: Observation = {
  sightings: [],
  cpuCores: new Map(),
  payloads: new Map(),
  readings: {
    load: NO_DATA,
    cpuCores: NO_DATA,
    payloads: NO_DATA,
  },
};
