import type { Files, Ownership } from '../../platform/files.ts';
import { authorityEnvironment } from '../context/planners/authorities.ts';
import { credentialEnvironment } from '../context/planners/credentials.ts';
import { jobFeaturesOf } from '../context/planners/features.ts';
import { proxyEnvironment } from '../context/planners/proxies.ts';
import { scratchOf } from '../context/planners/users.ts';
import type { Context } from '../context/schema.ts';
import { gpuEnvironment } from '../gpus/gpu.ts';
import type { Moment } from '../moment.ts';
import { PATHS } from '../paths.ts';
import type { PilotRun } from '../pilot/kinds/kind.ts';
import type { Slot } from '../pilot/slots.ts';
import { pilotFiles } from '../pilot/unit/pilot-files.ts';
import type { UnitName } from '../pilot/unit/unit.ts';
import type { Users } from '../users.ts';

export interface RunPorts {
  files: Files;
  users: Users;
}

/** Describes one run of a pilot to its kind; `undefined` where the context has no pilots. */
export type DescribeRun = (
  unit: UnitName,
  slot: Slot,
  context: Context,
  hardEnd: Moment,
) => Promise<PilotRun | undefined>;

const PILOT_PATH = '/usr/local/bin:/usr/bin:/bin';

/** Everything that every pilot is told by its environment. */
const environmentOf = (
  unit: UnitName,
  slot: Slot,
  context: Context,
  at: (path: string) => string,
): Record<string, string> => {
  const credentials = Object.entries(credentialEnvironment(context, slot)).map(([name, path]) => [
    name,
    at(path),
  ]);
  return {
    PATH: PILOT_PATH,
    LANG: 'C.UTF-8',
    HOME: at(scratchOf(context, slot)),
    USER: slot.user,
    LOGNAME: slot.user,
    MACHINEFEATURES: at(PATHS.machineFeatures),
    JOBFEATURES: at(jobFeaturesOf(slot)),
    PILOTAGE_SLOT: slot.name,
    PILOTAGE_GENERATION: String(unit.generation),
    PILOTAGE_CORES: String(slot.cores),
    PILOTAGE_LAYOUT: context.pilots?.slots ?? '',
    PILOTAGE_STATUS_FILE: at(pilotFiles(unit).status),
    PILOTAGE_DRAIN_FILE: at(PATHS.draining),
    ...gpuEnvironment(slot.gpus),
    ...proxyEnvironment(context),
    ...authorityEnvironment(context),
    ...Object.fromEntries(credentials),
  };
};

/** @param vmName what this VM is called in other systems */
export const createDescribeRun = ({ files, users }: RunPorts, vmName: string): DescribeRun => {
  const at = (path: string): string => files.locate(path);
  /** A user that is there keeps its numbers for as long as the agent runs. */
  const owners = new Map<string, Ownership>();
  const ownerOf = async (user: string): Promise<Ownership | undefined> => {
    const owner = owners.get(user) ?? (await users.find(user));
    if (owner !== undefined) owners.set(user, owner);
    return owner;
  };
  return async (unit, slot, context, hardEnd) => {
    const { pilots } = context;
    if (pilots === undefined) return undefined;
    const { folder, status, stdout } = pilotFiles(unit);
    return {
      pilots,
      context,
      slot,
      unit,
      owner: await ownerOf(slot.user),
      places: {
        folder,
        status,
        stdout,
        home: scratchOf(context, slot),
        scratch: context.scratch.path,
        secrets: PATHS.credentials,
      },
      at,
      vm: { name: vmName, endsAtS: Math.floor(hardEnd.wallMs / 1000) },
      environment: environmentOf(unit, slot, context, at),
    };
  };
};
