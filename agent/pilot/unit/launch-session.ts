import { isPilotageError, messageOf, PilotageError } from '../../../platform/errors.ts';
import type { Exec } from '../../../platform/exec.ts';

/** A program that becomes the leader of a session of its own. */
export interface SessionLaunch {
  command: readonly string[];
  /** All of it but what the shell itself adds; names are those of shell variables. */
  environment: Readonly<Record<string, string>>;
  workingFolder: string;
  /** Files to which its output is added; they are made for us alone. */
  stdout: string;
  stderr: string;
}

/** Starts a program that outlives us. Fails where it could not be begun. */
export type LaunchSession = (launch: SessionLaunch) => Promise<void>;

/** A folder on a dead mount holds up those that are launched with it, and nobody else. */
const TIMEOUT_MS = 30_000;

const quoted = (text: string): string => `'${text.replaceAll("'", `'\\''`)}'`;

/** What a launch says of itself when it is through, behind the words of whatever went wrong. */
const MARK = '#pilotage-launch';

/**
 * One launch as shell text. setsid(1) forks by itself, since what a shell begins by `&` ignores INT and QUIT
 * for good, and QUIT is how some pilots are ended. Variables are no arguments, which everybody could read.
 */
const textOf = (
  { command, environment, workingFolder, stdout, stderr }: SessionLaunch,
  index: number,
): string => {
  const exports = Object.entries(environment).map(([name, value]) => `${name}=${quoted(value)}`);
  return [
    `( cd ${quoted(workingFolder)} && { unset OLDPWD; umask 077; } && : >>${quoted(stderr)} && exec 3>>${quoted(stdout)} && umask "$mask"`,
    ...(exports.length === 0 ? [] : [` && export ${exports.join(' ')}`]),
    ` && exec /usr/bin/setsid -f ${command.map(quoted).join(' ')} </dev/null >&3 2>>${quoted(stderr)} 3>&- ); echo "${MARK} ${index} $?"`,
  ].join('');
};

/** By its index, what was said before a launch was through, and its status. */
const parseAnswers = (output: string): Map<number, { status: number; said: string }> => {
  const answers = new Map<number, { status: number; said: string }>();
  let said: string[] = [];
  for (const line of output.split('\n')) {
    const [, index, status] = new RegExp(`^${MARK} (\\d+) (\\d+)$`).exec(line) ?? [];
    if (index === undefined) said.push(line);
    else {
      answers.set(Number(index), { status: Number(status), said: said.join(' ').trim() });
      said = [];
    }
  }
  return answers;
};

interface Waiting {
  launch: SessionLaunch;
  resolve(): void;
  reject(error: unknown): void;
}

/**
 * Launches that come together are begun by one shell: to fork costs a process as much as it has in memory,
 * and a shell has least.
 */
export const createLaunchSession = (exec: Exec): LaunchSession => {
  let waiting: Waiting[] = [];
  let isLaunching = false;

  const launchAll = async (batch: readonly Waiting[]): Promise<void> => {
    const texts = batch.map(({ launch }, index) => textOf(launch, index));
    const input = ['exec 2>&1', 'mask=$(umask)', ...texts, ''].join('\n');
    const options = { timeoutMs: TIMEOUT_MS, env: {}, maxOutputBytes: 1024 * 1024, input };
    let trouble: unknown;
    const output = await exec.run('/bin/sh', [], options).then(
      ({ stdout }) => stdout,
      (error: unknown) => {
        trouble = error;
        return isPilotageError(error) ? String(error.context.stdout ?? '') : '';
      },
    );
    const answers = parseAnswers(output);
    for (const [index, { launch, resolve, reject }] of batch.entries()) {
      const answer = answers.get(index);
      if (answer?.status === 0) resolve();
      else {
        const why =
          answer === undefined
            ? trouble === undefined
              ? 'no answer'
              : messageOf(trouble)
            : answer.said || `status ${answer.status}`;
        const what = `cannot start ${launch.command[0]}: ${why}`;
        reject(new PilotageError('command-failed', what, {}, trouble));
      }
    }
  };

  const work = async (): Promise<void> => {
    isLaunching = true;
    while (waiting.length > 0) {
      const batch = waiting;
      waiting = [];
      await launchAll(batch);
    }
    isLaunching = false;
  };

  return launch =>
    new Promise((resolve, reject) => {
      waiting.push({ launch, resolve, reject });
      if (!isLaunching) void work();
    });
};
