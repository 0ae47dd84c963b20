import { readdirSync, readFileSync } from 'node:fs';
import { errnoOf } from '../../../platform/errors.ts';

const USER_HZ = 100;

export interface Process {
  pid: number;
  session: number;
  parent: number;
  threads: number;
  cpuMs: number;
}

/** proc(5): what follows the parenthesized name begins with field 3. */
export const parseStat = (stat: string): Process | undefined => {
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const ticks = [11, 12, 13, 14].map(index => Number(fields[index]));
  const session = Number(fields[3]);
  const parent = Number(fields[1]);
  const threads = Number(fields[17]);
  const pid = Number.parseInt(stat, 10);
  if (![pid, session, parent, threads, ...ticks].every(Number.isFinite) || fields[0] === 'Z')
    return undefined;
  return {
    pid,
    session,
    parent,
    threads,
    cpuMs: (ticks.reduce((sum, tick) => sum + tick, 0) * 1000) / USER_HZ,
  };
};

/** A process that ends while it is looked at is none. */
export const readProcFile = (pid: number, name: string): string | undefined => {
  try {
    return readFileSync(`/proc/${pid}/${name}`, 'utf8');
  } catch (error) {
    if (['ENOENT', 'ESRCH', 'EACCES', 'EPERM'].includes(errnoOf(error) ?? '')) return undefined;
    throw error;
  }
};

export const readProcesses = (): Process[] =>
  readdirSync('/proc')
    .filter(name => /^\d+$/.test(name))
    .map(name => parseStat(readProcFile(Number(name), 'stat') ?? ''))
    .filter(process => process !== undefined);
