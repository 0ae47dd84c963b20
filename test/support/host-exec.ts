import { aptEnvironment } from '../../bootstrap/debian-packages.ts';
import { createExec, type ExecOptions, type ExecResult } from '../../platform/exec.ts';

/** Runs a program of this machine to its end. Fails with its error output if it does not end well. */
export const runOnHost = (
  command: string,
  args: readonly string[],
  options: Partial<ExecOptions> = {},
): Promise<ExecResult> =>
  createExec().run(command, args, { timeoutMs: 120_000, env: aptEnvironment(), ...options });
