import type { Clock } from '../platform/clock.ts';
import type { Exec } from '../platform/exec.ts';
import type { Files } from '../platform/files.ts';
import type { Http } from '../platform/http.ts';
import type { Log } from '../platform/log.ts';
import type { MemoryFolder } from '../platform/memory-folder.ts';
import type { Power } from '../platform/power.ts';
import type { SparseFiles } from '../platform/sparse-files.ts';
import type { DiskTools } from './disks/disk-tools.ts';
import type { PacketFilter } from './packet-filter.ts';
import type { PilotUnits } from './pilot/unit/unit.ts';
import type { System } from './system.ts';
import type { Users } from './users.ts';

/** What an agent is run on: a VM with systemd, a container without, or a folder that stands for one. */
export type MachineKind = 'systemd' | 'plain' | 'folder';

export interface AgentPorts {
  kind: MachineKind;
  clock: Clock;
  /** The VM's files. */
  files: Files;
  /** The files of the machine on which the process runs; the same except for a folder. */
  host: Files;
  /** The VM's files once more, for those of which the beginning can be given up. */
  sparse: SparseFiles;
  exec: Exec;
  log: Log;
  http: Http;
  users: Users;
  memoryFolder: MemoryFolder;
  system: System;
  packetFilter: PacketFilter;
  disks: DiskTools;
  units: PilotUnits;
  power: Power;
  random: () => number;
}
