import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';

export interface ProgramSpec {
  command: readonly [string, ...string[]];
  /** All that it says goes to this file. */
  logFile: string;
  /** The whole environment beside PATH, HOME and LANG. */
  environment: Readonly<Record<string, string>>;
}

/** A long-running child whose output lies in a file, so that it never waits for us to read it. */
export interface Program {
  pid: number;
  /** When it was spawned, ms since 1970 with fractions. */
  spawnedMs: number;
  /** How it ended, e.g. `exit 0` or `signal SIGKILL`; `undefined` while it runs. */
  ended(): string | undefined;
  /** The last lines that it said. */
  tail(lines: number): string;
  /** TERM, then KILL; how it ended. */
  stop(graceMs: number): Promise<string>;
}

const describeEnd = (child: ChildProcess): string | undefined => {
  if (child.exitCode !== null) return `exit ${child.exitCode}`;
  return child.signalCode === null ? undefined : `signal ${child.signalCode}`;
};

/** In a session of its own: an interrupt of the terminal reaches us alone, and we end it in order. */
export const startProgram = async ({
  command: [program, ...args],
  logFile,
  environment,
}: ProgramSpec): Promise<Program> => {
  const out = openSync(logFile, 'a', 0o600);
  const { PATH = '/usr/bin:/bin', HOME = '/', LANG = 'C.UTF-8' } = process.env;
  const spawnedMs = performance.timeOrigin + performance.now();
  const child = spawn(program, args, {
    stdio: ['ignore', out, out],
    env: { PATH, HOME, LANG, ...environment },
    detached: true,
  });
  closeSync(out);
  await new Promise<void>((resolve, reject) => {
    child.once('spawn', resolve);
    child.once('error', reject);
  });
  const { pid } = child;
  if (pid === undefined) throw new Error(`${program} was spawned and has no process id`);
  return {
    pid,
    spawnedMs,
    ended: () => describeEnd(child),
    tail: lines => readFileSync(logFile, 'utf8').trimEnd().split('\n').slice(-lines).join('\n'),
    stop: async graceMs => {
      child.kill('SIGTERM');
      const killAt = performance.now() + graceMs;
      for (;;) {
        const end = describeEnd(child);
        if (end !== undefined) return end;
        if (performance.now() > killAt) child.kill('SIGKILL');
        await delay(20);
      }
    },
  };
};
