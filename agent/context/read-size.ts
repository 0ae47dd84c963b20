import type { Files } from '../../platform/files.ts';
import type { MachineSize } from '../machine-size.ts';
import { groupsAbove, parseAllowed, parseCpuList, parseCpuMax } from './cpu-lists.ts';

const CPUS = '/sys/devices/system/cpu';
const CGROUP = '/sys/fs/cgroup';
const MB = 1024 * 1024;
const MAX_BYTES = 64 * 1024;

const readText = async (files: Files, path: string): Promise<string> =>
  (await files.read(path, MAX_BYTES)) ?? '';

/** Processors that share a core are named by each of them; where that is not told, each is a core. */
const countPhysical = async (files: Files, cpus: readonly number[]): Promise<number> => {
  const cores = new Set<string>();
  for (const cpu of cpus) {
    const text = await readText(files, `${CPUS}/cpu${cpu}/topology/thread_siblings_list`);
    cores.add(parseCpuList(text)?.join(',') ?? String(cpu));
  }
  return cores.size;
};

/** What the control groups (cgroup v2) above a process leave it. */
const readLimits = async (
  files: Files,
  process: string,
): Promise<{ cores: number; memoryMb: number }> => {
  const limits = { cores: Number.POSITIVE_INFINITY, memoryMb: Number.POSITIVE_INFINITY };
  for (const group of groupsAbove(await readText(files, `/proc/${process}/cgroup`))) {
    const cpu = parseCpuMax(await readText(files, `${CGROUP}${group}/cpu.max`));
    const memory = (await readText(files, `${CGROUP}${group}/memory.max`)).trim();
    if (cpu !== undefined) limits.cores = Math.min(limits.cores, Math.max(1, Math.floor(cpu)));
    if (/^\d+$/.test(memory))
      limits.memoryMb = Math.min(limits.memoryMb, Math.floor(Number(memory) / MB));
  }
  return limits;
};

/** systeminformation knows every platform's way to tell; it is loaded for this alone. */
const readWhole = async (): Promise<Pick<MachineSize, 'cores' | 'memoryMb'>> => {
  const { cpu, mem } = await import('systeminformation');
  const [processors, memory] = await Promise.all([cpu(), mem()]);
  return {
    cores: Math.max(1, processors.cores),
    memoryMb: Math.max(1, Math.floor(memory.total / MB)),
  };
};

/**
 * What of this machine pilots can use: the processors and the memory that affinity and control groups
 * leave to where they run. Under systemd that is beside the agent, below process 1; else below the agent.
 * @param host the files of the machine on which we run
 */
export const readSize = async (
  host: Files,
  hasSystemd: boolean,
): Promise<Omit<MachineSize, 'gpus'>> => {
  const process = hasSystemd ? '1' : 'self';
  const whole = await readWhole();
  const limits = await readLimits(host, process);
  const allowed = parseAllowed(await readText(host, `/proc/${process}/status`));
  const online = parseCpuList(await readText(host, `${CPUS}/online`));
  const cpus = (allowed ?? online)?.filter(cpu => online === undefined || online.includes(cpu));
  const cores = Math.min(cpus?.length || whole.cores, limits.cores);
  const physical = cpus === undefined ? cores : await countPhysical(host, cpus);
  return {
    cores,
    physicalCores: Math.min(cores, physical || cores),
    memoryMb: Math.max(1, Math.min(whole.memoryMb, limits.memoryMb)),
  };
};
