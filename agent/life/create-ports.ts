import { createClock } from '../../platform/clock.ts';
import { createExec } from '../../platform/exec.ts';
import { createFiles } from '../../platform/files.ts';
import { createLastResort } from '../../platform/last-resort.ts';
import { createLightHttp } from '../../platform/light-http.ts';
import type { Log } from '../../platform/log.ts';
import { createMemoryFolder, createPlainFolder } from '../../platform/memory-folder.ts';
import { createExitPower, createFolderPower, createPower } from '../../platform/power.ts';
import { createSparseFiles } from '../../platform/sparse-files.ts';
import { createDiskTools } from '../disks/disk-tools.ts';
import { createFolderDiskTools } from '../disks/folder-disks.ts';
import { createIptables } from '../iptables.ts';
import { createFolderPacketFilter, createNftables } from '../nftables.ts';
import { createPacketFilter } from '../packet-filter.ts';
import { createPlainUnits } from '../pilot/unit/plain.ts';
import { createSessionUnits } from '../pilot/unit/session.ts';
import { createSystemdUnits } from '../pilot/unit/systemd.ts';
import type { AgentPorts } from '../ports.ts';
import { createFolderSystem, createSystem } from '../system.ts';
import { createFolderUsers, createSystemUsers } from '../users.ts';

/** The real ports of a machine. */
export const createAgentPorts = async (root: string, log: Log): Promise<AgentPorts> => {
  const host = createFiles();
  const exec = createExec();
  const shared = {
    clock: createClock(),
    exec,
    log,
    host,
    http: createLightHttp,
    random: Math.random,
  };
  if (root !== '/') {
    const files = createFiles(root, false);
    return {
      ...shared,
      kind: 'folder',
      files,
      sparse: createSparseFiles(files, exec),
      users: createFolderUsers(files),
      memoryFolder: createPlainFolder(files),
      system: createFolderSystem(),
      packetFilter: createFolderPacketFilter(files),
      disks: createFolderDiskTools(),
      units: createSessionUnits(files),
      power: createFolderPower(files),
    };
  }
  const hasSystemd = (await host.facts('/run/systemd/system')) !== undefined;
  const ownsKernel = (await host.facts('/run/systemd/container')) === undefined;
  const lastResort = createLastResort();
  return {
    ...shared,
    kind: hasSystemd ? 'systemd' : 'plain',
    files: host,
    sparse: createSparseFiles(host, exec),
    users: createSystemUsers(host, exec),
    memoryFolder: createMemoryFolder(host, exec),
    system: createSystem(host, exec, { hasSystemd }),
    packetFilter: createPacketFilter([createNftables(exec), createIptables(host, exec)]),
    disks: createDiskTools(host, exec),
    units: hasSystemd ? createSystemdUnits(host, exec) : createPlainUnits(host, log),
    power: hasSystemd ? createPower({ ...shared, lastResort, ownsKernel }) : createExitPower(log),
  };
};
