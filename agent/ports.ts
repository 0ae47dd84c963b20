import type { Clock } from '../platform/clock.ts';
import { createClock } from '../platform/clock.ts';
import { createExec, type Exec } from '../platform/exec.ts';
import { createFiles, type Files } from '../platform/files.ts';
import type { Log } from '../platform/log.ts';
import {
  createMemoryFolder,
  createPlainFolder,
  type MemoryFolder,
} from '../platform/memory-folder.ts';
import { createExitPower, createFolderPower, createPower, type Power } from '../platform/power.ts';
import { createSessionUnits } from './pilot/unit/session.ts';
import { createSystemdUnits } from './pilot/unit/systemd.ts';
import type { PilotUnits } from './pilot/unit/unit.ts';
import { createFolderUsers, createSystemUsers, type Users } from './users.ts';

/** What an agent is run on: a VM with systemd, a container without, or a folder that stands for one. */
export type MachineKind = 'systemd' | 'plain' | 'folder';

export interface AgentPorts {
  kind: MachineKind;
  clock: Clock;
  /** The VM's files. */
  files: Files;
  /** The files of the machine on which the process runs; the same except for a folder. */
  host: Files;
  exec: Exec;
  log: Log;
  users: Users;
  memoryFolder: MemoryFolder;
  units: PilotUnits;
  power: Power;
  random: () => number;
}

/** The real ports of a machine. */
export const createAgentPorts = async (root: string, log: Log): Promise<AgentPorts> => {
  const host = createFiles();
  const exec = createExec();
  const shared = { clock: createClock(), exec, log, host, random: Math.random };
  if (root !== '/') {
    const files = createFiles(root, false);
    return {
      ...shared,
      kind: 'folder',
      files,
      users: createFolderUsers(files),
      memoryFolder: createPlainFolder(files),
      units: createSessionUnits(files),
      power: createFolderPower(files),
    };
  }
  const hasSystemd = (await host.facts('/run/systemd/system')) !== undefined;
  return {
    ...shared,
    kind: hasSystemd ? 'systemd' : 'plain',
    files: host,
    users: createSystemUsers(host, exec),
    memoryFolder: createMemoryFolder(host, exec),
    units: hasSystemd ? createSystemdUnits(host, exec) : createSessionUnits(host),
    power: hasSystemd ? createPower(exec, log) : createExitPower(log),
  };
};
