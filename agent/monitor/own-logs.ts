import type { Clock } from '../../platform/clock.ts';
import { messageOf } from '../../platform/errors.ts';
import type { Files } from '../../platform/files.ts';
import type { Log } from '../../platform/log.ts';
import type { SparseFiles } from '../../platform/sparse-files.ts';
import type { Context } from '../context/schema.ts';
import { ownLogsCommand, parseOwnLogs } from '../logs/read-own-logs.ts';
import { createSpool, type Spool } from '../logs/spool.ts';
import type { Moment } from '../moment.ts';
import { PATHS } from '../paths.ts';
import { kindOf } from '../pilot/kinds/index.ts';
import type { PilotRun } from '../pilot/kinds/kind.ts';
import type { Slot } from '../pilot/slots.ts';
import { type UnitName, type UnitSighting, unitId } from '../pilot/unit/unit.ts';
import type { PilotHands } from './pilot-hands.ts';
import type { DescribeRun } from './pilot-runs.ts';

/** Collects the logs that pilots write themselves; beside the ticks, which never wait for it. */
export interface OwnLogs {
  /** Begins a round where it is time for one. */
  look(
    sightings: readonly UnitSighting[],
    look: { context: Context; slots: readonly Slot[]; hardEnd: Moment },
  ): void;
  /** The last words of a run that has ended. Never fails. */
  last(unit: UnitName): Promise<void>;
}

export interface OwnLogPorts {
  files: Files;
  sparse: SparseFiles;
  clock: Clock;
  log: Log;
}

const ROUND_MS = 15_000;
/** Each pilot costs some programs, so that many of them are asked more seldom. */
const EACH_MS = 1000;
/** Of each file in one round, and when its run has ended. */
const USUAL_BYTES = 64 * 1024;
const LAST_BYTES = 256 * 1024;

/** @param keepsApart false where all pilots run as ourselves, as in a folder that stands for a machine */
export const createOwnLogs = (
  { files, sparse, clock, log }: OwnLogPorts,
  hands: Pick<PilotHands, 'ask'>,
  describeRun: DescribeRun,
  keepsApart: boolean,
): OwnLogs => {
  const spools = new Map<string, Spool>();
  /** Of the last round; those that are gone in the next have ended. */
  let runs = new Map<string, PilotRun>();
  let busy: Promise<void> = Promise.resolve();
  let isBusy = false;
  let nextMs = Number.NEGATIVE_INFINITY;

  const spoolOf = (slot: string): Spool => {
    const spool = spools.get(slot) ?? createSpool({ files, sparse }, slot);
    spools.set(slot, spool);
    return spool;
  };

  const collect = async (run: PilotRun, bytes: number): Promise<void> => {
    const logs = kindOf(run.pilots).logs?.(run);
    // Nobody's numbers would be ours.
    if (logs === undefined || (keepsApart && (run.owner?.uid ?? 0) === 0)) return;
    const base = [run.places.scratch, PATHS.pilots].find(root =>
      logs.folder.startsWith(`${root}/`),
    );
    if (base === undefined) throw new Error(`no folder of a pilot: ${logs.folder}`);
    try {
      const spool = spoolOf(run.unit.slot);
      const command = ownLogsCommand({
        base: run.at(base),
        folder: logs.folder.slice(base.length + 1),
        ...{ names: logs.names, known: await spool.known(), bytes },
      });
      await spool.add(unitId(run.unit), parseOwnLogs(await hands.ask(run, command), bytes));
    } catch (error) {
      log.warn(
        { unit: unitId(run.unit), error: messageOf(error) },
        'the logs of a pilot could not be read',
      );
    }
  };

  const round: (...looked: Parameters<OwnLogs['look']>) => Promise<void> = async (
    sightings,
    { context, slots, hardEnd },
  ) => {
    const before = runs;
    runs = new Map();
    for (const unit of sightings) {
      const slot = slots.find(({ name }) => name === unit.slot);
      if (unit.state !== 'running' || slot === undefined) continue;
      const run = await describeRun(unit, slot, context, hardEnd);
      if (run !== undefined) runs.set(unitId(unit), run);
    }
    for (const [id, run] of before) if (!runs.has(id)) await collect(run, LAST_BYTES);
    for (const run of runs.values()) await collect(run, USUAL_BYTES);
  };

  /** One after the other: two would copy the same piece. */
  const inTurn = (work: () => Promise<void>): Promise<void> => {
    isBusy = true;
    busy = busy
      .then(work)
      .catch((error: unknown) => log.error({ error: messageOf(error) }, 'own logs: a mistake'))
      .finally(() => {
        isBusy = false;
      });
    return busy;
  };

  return {
    look: (sightings, look) => {
      const { pilots } = look.context;
      if (pilots === undefined || kindOf(pilots).logs === undefined) return;
      if (isBusy || clock.monotonicMs() < nextMs) return;
      nextMs = clock.monotonicMs() + Math.max(ROUND_MS, sightings.length * EACH_MS);
      void inTurn(() => round(sightings, look));
    },
    last: unit =>
      inTurn(async () => {
        const run = runs.get(unitId(unit));
        runs.delete(unitId(unit));
        if (run !== undefined) await collect(run, LAST_BYTES);
      }),
  };
};
