import { spawn } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';

/** A program that becomes the leader of a session of its own. */
export interface SessionLaunch {
  command: readonly string[];
  environment: Readonly<Record<string, string>>;
  workingFolder: string;
  /** Files to which its output is added; they are made for us alone. */
  stdout: string;
  stderr: string;
}

const openLog = (path: string): number => openSync(path, 'a', 0o600);

/**
 * Starts a program that outlives us. Fails where it could not be begun. No shell's `&` does this for us: what
 * a shell begins so ignores INT and QUIT for good, and QUIT is how some pilots are ended.
 */
export const launchSession = async ({
  command: [program = '', ...args],
  environment,
  workingFolder,
  stdout,
  stderr,
}: SessionLaunch): Promise<void> => {
  const out = openLog(stdout);
  try {
    const err = openLog(stderr);
    try {
      const child = spawn(program, args, {
        cwd: workingFolder,
        env: { ...environment },
        detached: true,
        stdio: ['ignore', out, err],
      });
      await new Promise<void>((resolve, reject) => {
        child.once('spawn', resolve);
        child.once('error', reject);
      });
      child.unref();
    } finally {
      closeSync(err);
    }
  } finally {
    closeSync(out);
  }
};
