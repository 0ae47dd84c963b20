import { readdirSync, readFileSync } from 'node:fs';
import { errnoOf } from '../../../platform/errors.ts';
import { type Process, parseStat } from './proc-stat.ts';

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

/** One that has gone by now is no error. */
export const signalProcess = (pid: number, signal: string): void => {
  try {
    process.kill(pid, `SIG${signal}`);
  } catch (error) {
    if (errnoOf(error) !== 'ESRCH') throw error;
  }
};
