import { messageOf } from '../../platform/errors.ts';
import type { Files } from '../../platform/files.ts';
import type { Log } from '../../platform/log.ts';
import { authorityEnvironment } from '../context/planners/authorities.ts';
import { credentialEnvironment } from '../context/planners/credentials.ts';
import { jobFeaturesOf } from '../context/planners/features.ts';
import { proxyEnvironment } from '../context/planners/proxies.ts';
import { scratchOf } from '../context/planners/users.ts';
import type { Context } from '../context/schema.ts';
import type { Moment } from '../moment.ts';
import { PATHS } from '../paths.ts';
import { PILOT_KINDS } from '../pilot/kinds/index.ts';
import type { Slot } from '../pilot/slots.ts';
import type { PilotAction } from '../pilot/supervise.ts';
import { pilotFiles } from '../pilot/unit/pilot-files.ts';
import {
  type PilotUnits,
  type UnitName,
  type UnitSighting,
  type UnitSpec,
  unitId,
} from '../pilot/unit/unit.ts';
import type { Users } from '../users.ts';
import type { Decision } from './decide.ts';

export interface ActuatorPorts {
  files: Files;
  users: Users;
  units: PilotUnits;
  log: Log;
}

/** Does what was decided. What fails is told by the next look at the units, never by an exception. */
export interface Actuator {
  actuate(decision: Decision, context: Context, slots: readonly Slot[]): Promise<void>;
  /** Starts that failed since the last look, as ends of their units. */
  takeFailedStarts(): UnitSighting[];
}

const PILOT_PATH = '/usr/local/bin:/usr/bin:/bin';

/** Everything that a pilot is told by its environment. */
const environmentOf = (
  unit: UnitName,
  slot: Slot,
  context: Context,
  files: Files,
): Record<string, string> => {
  const at = (path: string): string => files.locate(path);
  const credentials = Object.entries(credentialEnvironment(context, slot)).map(([name, path]) => [
    name,
    at(path),
  ]);
  const home = at(scratchOf(context, slot));
  return {
    PATH: PILOT_PATH,
    LANG: 'C.UTF-8',
    HOME: home,
    USER: slot.user,
    LOGNAME: slot.user,
    MACHINEFEATURES: at(PATHS.machineFeatures),
    JOBFEATURES: at(jobFeaturesOf(slot)),
    PILOTAGE_SLOT: slot.name,
    PILOTAGE_GENERATION: String(unit.generation),
    PILOTAGE_CORES: String(slot.cores),
    PILOTAGE_STATUS_FILE: at(pilotFiles(unit).status),
    PILOTAGE_DRAIN_FILE: at(PATHS.draining),
    ...proxyEnvironment(context),
    ...authorityEnvironment(context),
    ...Object.fromEntries(credentials),
  };
};

export const createActuator = ({ files, users, units, log }: ActuatorPorts): Actuator => {
  let failedStarts: UnitSighting[] = [];
  /** Not known at first: an agent before this one may have told something else. */
  let toldShutdown: string | undefined | null = null;

  const specOf = async (
    unit: UnitName,
    slot: Slot,
    context: Context,
  ): Promise<UnitSpec | undefined> => {
    const { pilots } = context;
    if (pilots === undefined) return undefined;
    const launch = PILOT_KINDS[pilots.kind].launch(pilots);
    return {
      ...unit,
      command: launch.command,
      environment: { ...environmentOf(unit, slot, context, files), ...launch.environment },
      workingFolder: scratchOf(context, slot),
      user: slot.user,
      owner: await users.find(slot.user),
      limits: { cores: slot.cores, memoryMb: slot.memoryMb, tasks: pilots.tasksPerSlot },
    };
  };

  const start = async (unit: UnitName, context: Context, slots: readonly Slot[]): Promise<void> => {
    const slot = slots.find(({ name }) => name === unit.slot);
    const spec = slot === undefined ? undefined : await specOf(unit, slot, context);
    if (slot === undefined || spec === undefined) return;
    await units.start(spec);
    log.info({ unit: unitId(unit), user: slot.user, cores: slot.cores }, 'pilot started');
  };

  const act = async (
    action: PilotAction,
    context: Context,
    slots: readonly Slot[],
  ): Promise<void> => {
    try {
      if (action.kind === 'start') return await start(action, context, slots);
      await units.signal(action, action.signal);
      log.info({ unit: unitId(action), signal: action.signal }, 'pilot signalled');
    } catch (error) {
      log.warn(
        { unit: unitId(action), action: action.kind, error: messageOf(error) },
        'a pilot could not be handled',
      );
      if (action.kind === 'start')
        failedStarts.push({
          slot: action.slot,
          generation: action.generation,
          state: 'ended',
          exit: { result: 'start-failed', code: 'failed', status: '-' },
        });
    }
  };

  /** Pilots that look at the drain file end their work in time. */
  const tellShutdown = async (shutdown: Moment | undefined): Promise<void> => {
    const told = shutdown === undefined ? undefined : String(Math.floor(shutdown.wallMs / 1000));
    if (told === toldShutdown) return;
    try {
      if (told === undefined) await files.remove(PATHS.draining);
      else await files.write(PATHS.draining, `${told}\n`, { mode: 0o644 });
      toldShutdown = told;
    } catch (error) {
      log.warn({ error: messageOf(error) }, 'the pilots could not be told of the shutdown time');
    }
  };

  return {
    actuate: async (decision, context, slots) => {
      await tellShutdown(decision.shutdown);
      await Promise.all(decision.actions.map(action => act(action, context, slots)));
    },
    takeFailedStarts: () => {
      const taken = failedStarts;
      failedStarts = [];
      return taken;
    },
  };
};
