import { writeFileSync } from 'node:fs';
import { PilotageError } from './errors.ts';

/** How PID 1 is asked to end the machine: in order, or without stopping anything first. */
export type InitSignal = 'stop' | 'force';

/** Of the kernel's magic (sysrq.rst): start writing all to disk, mount all read-only, power off. */
export type KernelKey = 's' | 'u' | 'o';

/** Ways to end a machine that need no other program: no new process, no bus, no disk. Each fails with `command-failed`. */
export interface LastResort {
  signalInit(signal: InitSignal): void;
  press(key: KernelKey): void;
}

/**
 * SIGRTMIN+4 and SIGRTMIN+14 of systemd(1). C libraries keep the first real-time signals to themselves:
 * for glibc, which systemd is built with, SIGRTMIN is 34.
 */
const SIGNALS: Readonly<Record<InitSignal, number>> = { stop: 34 + 4, force: 34 + 14 };
const TRIGGER = '/proc/sysrq-trigger';

const attempt = (what: string, work: () => void): void => {
  try {
    work();
  } catch (error) {
    throw new PilotageError('command-failed', `${what} failed`, {}, error);
  }
};

export const createLastResort = (): LastResort => ({
  signalInit: signal =>
    attempt(`signal ${SIGNALS[signal]} to PID 1`, () => void process.kill(1, SIGNALS[signal])),
  // At once, and on this thread: those of Node's pool may all hang on a dead file server.
  press: key => attempt(`sysrq ${key}`, () => writeFileSync(TRIGGER, key, { flag: 'r+' })),
});
