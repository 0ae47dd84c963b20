import { type ChildProcess, spawn } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { onTestFinished } from 'vitest';

const MAIN = join(import.meta.dirname, '../../receiver/main.ts');

export interface ReceiverProcess {
  child: ChildProcess;
  address: string;
  operatorToken: string;
  enrolmentSecret: string;
  /** How it ended: `exit 0`, `SIGKILL`. */
  ended: Promise<string>;
}

/**
 * `serve` as a process of its own, on the files of a folder; resolves once it listens.
 * @param fileLimitKb no file may grow beyond this, which to a database is a full disk
 * @param further more arguments of `serve`
 */
export const spawnReceiver = async (
  folder: string,
  { fileLimitKb, further = [] }: { fileLimitKb?: number; further?: readonly string[] } = {},
): Promise<ReceiverProcess> => {
  const operatorToken = 'operator-token-of-this-test';
  const enrolmentSecret = 'enrolment-secret-of-this-test';
  writeFileSync(join(folder, 'secret'), enrolmentSecret, { mode: 0o600 });
  writeFileSync(join(folder, 'token'), operatorToken, { mode: 0o600 });
  const limit = fileLimitKb === undefined ? '' : `ulimit -f ${fileLimitKb}; `;
  const args = ['serve', '--listen=127.0.0.1:0', `--database=${join(folder, 'fleet.db')}`];
  args.push(`--enrolment-secret-file=${join(folder, 'secret')}`);
  args.push(`--operator-token-file=${join(folder, 'token')}`, ...further);
  const child = spawn('bash', ['-c', `${limit}exec "$0" "$@"`, process.execPath, MAIN, ...args], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  const ended = new Promise<string>(resolve =>
    child.once('exit', (code, signal) => resolve(signal ?? `exit ${code}`)),
  );
  for await (const line of createInterface({ input: child.stdout })) {
    const { msg, address } = JSON.parse(line);
    if (msg !== 'listening') continue;
    child.stdout.resume();
    return { child, address, operatorToken, enrolmentSecret, ended };
  }
  throw new Error('the receiver ended before it listened');
};
