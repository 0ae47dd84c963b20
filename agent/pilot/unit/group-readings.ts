import type { Files } from '../../../platform/files.ts';
import { FAILED, measured, type Reading } from '../../reading.ts';

/** What a control group (cgroup-v2.rst) tells of the run that it holds. */

/** Processor time of all that ever was in it. */
export const readCpu = (files: Files, cgroup: string): Reading => {
  const text = files.readKernel(`${cgroup}/cpu.stat`, 4096);
  const usec = /^usage_usec (\d+)$/m.exec(text ?? '')?.[1];
  return usec === undefined ? FAILED : measured(Number(usec) / 1000);
};

/** Processes and threads that are in it; `undefined` where nobody counts them. */
export const readTasks = (files: Files, cgroup: string): number | undefined => {
  const text = files.readKernel(`${cgroup}/pids.current`, 64);
  return /^\d+\n?$/.test(text ?? '') ? Number(text) : undefined;
};
