import { randomUUID } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { errnoOf } from '../../platform/errors.ts';

export interface MarkedProcess {
  pid: number;
  /** Its command line, for people. */
  command: string;
}

/**
 * Tells our processes from all others by a variable of their environment, which children inherit: so
 * those are found as well that have left their parent, their group and their session.
 */
export interface Marker {
  /** What our children are started with. */
  environment: Readonly<Record<string, string>>;
  /** Every process that bears the mark now; a zombie is none. */
  find(): MarkedProcess[];
  /** To every process that bears it, but for the spared ones; how many there were. */
  signal(signal: 'SIGTERM' | 'SIGKILL', spared?: ReadonlySet<number>): number;
  /** TERM, then KILL until none is left but the spared ones; those that would not go. */
  end(graceMs: number, spared?: ReadonlySet<number>): Promise<MarkedProcess[]>;
}

const PAUSE_MS = 50;
/** After this long of KILL, ms, a process is given up. */
const UNKILLABLE_MS = 5000;

/** A process that has just ended, and one of another user, are none of ours. */
const readProcFile = (pid: number, name: string): string => {
  try {
    return readFileSync(`/proc/${pid}/${name}`, 'utf8');
  } catch (error) {
    if (['ENOENT', 'ESRCH', 'EACCES', 'EPERM'].includes(errnoOf(error) ?? '')) return '';
    throw error;
  }
};

const kill = (pid: number, signal: 'SIGTERM' | 'SIGKILL'): void => {
  try {
    process.kill(pid, signal);
  } catch (error) {
    if (errnoOf(error) !== 'ESRCH') throw error;
  }
};

/** @param name of the variable; its value is new for each marker */
export const createMarker = (name: string): Marker => {
  const value = randomUUID();
  const find = (): MarkedProcess[] =>
    readdirSync('/proc')
      .filter(entry => /^\d+$/.test(entry))
      .map(Number)
      .filter(pid => pid !== process.pid)
      .filter(pid => readProcFile(pid, 'environ').split('\0').includes(`${name}=${value}`))
      .map(pid => ({
        pid,
        command: readProcFile(pid, 'cmdline').replaceAll('\0', ' ').trim().slice(0, 200),
      }));
  const findBut = (spared: ReadonlySet<number>): MarkedProcess[] =>
    find().filter(({ pid }) => !spared.has(pid));
  const signal: Marker['signal'] = (signal, spared = new Set()) => {
    const found = findBut(spared);
    for (const { pid } of found) kill(pid, signal);
    return found.length;
  };
  return {
    environment: { [name]: value },
    find,
    signal,
    end: async (graceMs, spared = new Set()) => {
      signal('SIGTERM', spared);
      const killAt = performance.now() + graceMs;
      while (findBut(spared).length > 0 && performance.now() < killAt) await delay(PAUSE_MS);
      // Again and again: one may have been forked while the others were told.
      const giveUpAt = performance.now() + UNKILLABLE_MS;
      while (signal('SIGKILL', spared) > 0 && performance.now() < giveUpAt) await delay(PAUSE_MS);
      return findBut(spared);
    },
  };
};
