import { spawn } from 'node:child_process';
import { PilotageError } from '../../../platform/errors.ts';
import { LAUNCHED, launchScript, type SessionLaunch } from './launch-script.ts';

const TIMEOUT_MS = 60_000;
const TOLD_CHARS = 64 * 1024;

/** What a shell says that begins all of them; it stays with them in a session of its own. */
const launchAll = (launches: readonly SessionLaunch[]): Promise<string> =>
  new Promise((resolve, reject) => {
    const shell = spawn('/bin/sh', ['-s'], {
      cwd: '/',
      // Without a PATH it looks where the system has its programs; what is set here all would inherit.
      env: {},
      detached: true,
      stdio: ['pipe', 'pipe', 'ignore'],
    });
    const timer = setTimeout(() => shell.kill('SIGKILL'), TIMEOUT_MS);
    let told = '';
    shell.once('error', reject);
    // A shell that ends early has not told that it launched them.
    shell.stdin.on('error', () => undefined);
    shell.stdout.setEncoding('utf8');
    shell.stdout.on('data', (text: string) => {
      told = (told + text).slice(0, TOLD_CHARS);
    });
    shell.stdout.once('close', () => {
      clearTimeout(timer);
      resolve(told);
    });
    shell.unref();
    shell.stdin.end(launchScript(launches));
  });

interface Waiting {
  launch: SessionLaunch;
  resolve(): void;
  reject(error: unknown): void;
}

const launchWaiting = async (waiting: readonly Waiting[]): Promise<void> => {
  try {
    const told = new Set((await launchAll(waiting.map(({ launch }) => launch))).split('\n'));
    for (const { launch, resolve, reject } of waiting) {
      if (told.has(LAUNCHED) && !told.has(launch.id)) resolve();
      else
        reject(
          new PilotageError('command-failed', `${launch.id} could not be begun`, {
            command: launch.command[0],
          }),
        );
    }
  } catch (error) {
    for (const { reject } of waiting) reject(error);
  }
};

/**
 * Starts programs as leaders of sessions of their own. Those that are asked for at the same time are begun by
 * one shell: a fork of a shell costs a tenth of ours, and holds the agent up no longer than a single one.
 * Fails where a program could not be begun; one that is not there tells so by its own end.
 */
export const createLaunchSession = (): ((launch: SessionLaunch) => Promise<void>) => {
  let waiting: Waiting[] = [];
  let isLaunching = false;
  const launchOn = async (): Promise<void> => {
    while (waiting.length > 0) {
      const now = waiting;
      waiting = [];
      await launchWaiting(now);
    }
    isLaunching = false;
  };
  return launch =>
    new Promise((resolve, reject) => {
      waiting.push({ launch, resolve, reject });
      if (isLaunching) return;
      isLaunching = true;
      setImmediate(() => void launchOn());
    });
};
