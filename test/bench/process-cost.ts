import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

/** What a process has cost so far, as proc(5) tells. */
export interface ProcessCost {
  /** Memory that it alone holds and that is no copy of a file, MiB. */
  privateMb: number;
  /** Processor time of it and of the children that it has waited for, ms. */
  cpuMs: number;
}

/** Length of a clock tick of proc(5), ms: 10 on all but odd machines. */
const TICK_MS = 1000 / Number(execFileSync('getconf', ['CLK_TCK'], { encoding: 'utf8' }));

/** Fields 14 to 17: utime, stime, cutime, cstime. They stand 11 behind the parenthesized name. */
export const cpuTicks = (stat: string): number =>
  stat
    .slice(stat.lastIndexOf(')') + 2)
    .split(' ')
    .slice(11, 15)
    .reduce((sum, field) => sum + Number(field), 0);

export const privateDirtyKib = (smapsRollup: string): number =>
  Number(/^Private_Dirty:\s+(\d+) kB$/m.exec(smapsRollup)?.[1]);

/** @throws Error if the process has gone, or the kernel tells no such figures */
export const readProcessCost = (pid: number): ProcessCost => {
  const privateMb = privateDirtyKib(readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8')) / 1024;
  const cpuMs = cpuTicks(readFileSync(`/proc/${pid}/stat`, 'utf8')) * TICK_MS;
  if (!Number.isFinite(privateMb + cpuMs)) throw new Error(`/proc/${pid} is not understood`);
  return { privateMb, cpuMs };
};
