import type { Clock } from '../../../platform/clock.ts';
import { PilotageError } from '../../../platform/errors.ts';
import type { Exec } from '../../../platform/exec.ts';
import type { Files, Ownership } from '../../../platform/files.ts';
import type { Http } from '../../../platform/http.ts';
import type { Log } from '../../../platform/log.ts';
import type { MemoryFolder } from '../../../platform/memory-folder.ts';
import type { DiskTools } from '../../disks/disk-tools.ts';
import type { PacketFilter } from '../../packet-filter.ts';
import type { System } from '../../system.ts';
import type { Users } from '../../users.ts';

/** What executors may touch. */
export interface StepPorts {
  files: Files;
  exec: Exec;
  users: Users;
  memoryFolder: MemoryFolder;
  system: System;
  packetFilter: PacketFilter;
  disks: DiskTools;
  clock: Clock;
  log: Log;
  http: Http;
}

/** The numbers of a user that an earlier step made. */
export const ownerOf = async (users: Users, name: string): Promise<Ownership> => {
  const owner = await users.find(name);
  if (owner === undefined)
    throw new PilotageError('step-failed', `there is no user ${name}`, { user: name });
  return owner;
};
