import { isPilotageError } from '../../platform/errors.ts';
import type { Exec } from '../../platform/exec.ts';
import type { HookOutcome } from '../fleet/deletion.ts';
import type { HookEvent } from './hook-record.ts';
import type { HookRequest } from './hook-request.ts';

/** The program that deletes VMs in their cloud. */
export interface HookConfig {
  /** An absolute path. */
  program: string;
  /** After which it is ended, and asked again later. */
  timeoutMs: number;
  /** What it needs of our own environment, such as PATH and the clouds' credentials. */
  env: Readonly<Record<string, string>>;
}

export interface HookAnswer {
  outcome: HookOutcome;
  exitCode?: number;
  /** The last line that it printed. */
  said: string;
  /** The end of all that it printed. */
  output: string;
}

/** What the exit codes of a hook mean. Any other, a signal and a time-out too: later. */
export const HOOK_EXITS: Readonly<Record<number, HookOutcome>> = {
  0: 'done',
  10: 'asked',
  11: 'not-found',
  75: 'later',
  78: 'gave-up',
};

const OUTPUT_BYTES = 4096;
const SAID_CHARS = 300;

const lastLine = (text: string): string =>
  (text.trim().split('\n').at(-1) ?? '').slice(-SAID_CHARS);

const printedBy = ({ stdout, stderr }: { stdout: string; stderr: string }): string =>
  [stdout.trim(), stderr.trim()].filter(text => text !== '').join('\n');

const textOf = (value: unknown): string => (typeof value === 'string' ? value : '');

/** Runs it once, never through a shell; nothing that it does is an error. */
export const runHook = async (
  exec: Exec,
  { program, timeoutMs, env }: HookConfig,
  event: HookEvent,
  request: HookRequest,
  signal: AbortSignal,
): Promise<HookAnswer> => {
  try {
    const { exitCode, ...printed } = await exec.run(program, [event], {
      timeoutMs,
      env: { ...env, ...request.env },
      input: request.input,
      allowedExitCodes: Object.keys(HOOK_EXITS).map(Number),
      maxOutputBytes: OUTPUT_BYTES / 2,
      signal,
    });
    const output = printedBy(printed);
    return { outcome: HOOK_EXITS[exitCode] ?? 'later', exitCode, said: lastLine(output), output };
  } catch (error) {
    if (!isPilotageError(error)) throw error;
    const { stdout, stderr } = error.context;
    const output = printedBy({ stdout: textOf(stdout), stderr: textOf(stderr) });
    return { outcome: 'later', said: lastLine(error.message), output };
  }
};
