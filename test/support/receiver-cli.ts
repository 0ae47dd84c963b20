import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createExec, SYSTEM_ENV } from '../../platform/exec.ts';
import { createTestFolder, startReceiver } from './receiver-under-test.ts';

export const RECEIVER_PROGRAM = join(import.meta.dirname, '../../receiver/main.ts');

/** One command, with none of this process's environment. */
export const runReceiver = async (
  args: readonly string[],
  env: Record<string, string> = {},
  input = '',
) => {
  const { exitCode, stdout, stderr } = await createExec().run(
    process.execPath,
    [RECEIVER_PROGRAM, ...args],
    {
      timeoutMs: 30_000,
      allowedExitCodes: [0, 1, 64, 78],
      env: { ...SYSTEM_ENV, ...env },
      input,
    },
  );
  return { exitCode, stdout, stderr };
};

/** A receiver, and its operator's commands. */
export const setUpCli = async () => {
  const folder = createTestFolder();
  const receiver = await startReceiver({ folder });
  const tokenFile = join(folder, 'token');
  writeFileSync(tokenFile, `${receiver.operatorToken}\n`, { mode: 0o600 });
  const env = { PILOTAGE_RECEIVER_URL: receiver.address, PILOTAGE_TOKEN_FILE: tokenFile };
  return {
    receiver,
    folder,
    cli: (...args: string[]) => runReceiver(args, env),
    cliReading: (input: string, ...args: string[]) => runReceiver(args, env, input),
  };
};
