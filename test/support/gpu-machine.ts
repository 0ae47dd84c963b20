import { dirname } from 'node:path';
import { PilotageError } from '../../platform/errors.ts';
import type { Exec, ExecResult } from '../../platform/exec.ts';
import type { Files } from '../../platform/files.ts';
import { createMemoryFiles } from './memory-files.ts';
import { answerAsSmi, type FakeSmi, type SmiReply } from './nvidia-smi.ts';

/** Files in memory, path → text. */
export const filesWith = async (texts: Readonly<Record<string, string>>): Promise<Files> => {
  const files = createMemoryFiles();
  for (const [path, text] of Object.entries(texts)) {
    await files.makeDirectory(dirname(path), { mode: 0o755 });
    await files.write(path, text, { mode: 0o444 });
  }
  return files;
};

/** What the driver says of one GPU in /proc (driver 550). */
export const informationOf = (uuid: string, minor: number): string =>
  `Model: \t\t Tesla T4\nIRQ:   \t\t 33\nGPU UUID: \t ${uuid}\nVideo BIOS: \t 90.04.96.00.9f\nBus Type: \t PCIe\nBus Location: \t 0000:00:1e.0\nDevice Minor: \t ${minor}\nGPU Excluded:\t No\n`;

/** A machine with NVIDIA's driver; which file is which GPU by `minors`. */
export const nvidiaHost = (minors: Readonly<Record<string, number>>): Promise<Files> =>
  filesWith({
    '/proc/driver/nvidia/version': 'NVRM version: 550.54.15\n',
    ...Object.fromEntries(
      Object.entries(minors).map(([uuid, minor], index) => [
        `/proc/driver/nvidia/gpus/0000:00:1${index}.0/information`,
        informationOf(uuid, minor),
      ]),
    ),
  });

/** Runs the stand-in and nothing else, with the codes that {@link Exec} lets pass or not. */
export const execOfSmi = (reply: FakeSmi | SmiReply): Exec => ({
  run: async (command, args, { allowedExitCodes = [0] }): Promise<ExecResult> => {
    if (command !== 'nvidia-smi') throw new Error(`${command} was run`);
    const { exitCode, stdout } = 'gpus' in reply ? answerAsSmi(reply, args) : reply;
    if (!allowedExitCodes.includes(exitCode))
      throw new PilotageError('command-failed', `nvidia-smi ended with ${exitCode}: ${stdout}`);
    return { exitCode, stdout, stderr: '' };
  },
});
