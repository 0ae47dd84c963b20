import { isPilotageError, messageOf, PilotageError } from '../../platform/errors.ts';
import type { Exec } from '../../platform/exec.ts';
import type { Files } from '../../platform/files.ts';
import type { Gpu } from './gpu.ts';
import { hasAmdDriver, readAmd } from './read-amd.ts';
import { hasNvidiaDriver, readNvidia } from './read-nvidia.ts';

/**
 * The machine's GPUs; `undefined` if it has none.
 * @param host the files of the machine on which we run
 * @param isNeeded false where no pilot gets one: that they cannot be asked is then no failure
 * @throws node-unfit where there is a driver that cannot be asked: what is not known cannot be shared out
 */
export const readGpus = async (
  host: Files,
  exec: Exec,
  isNeeded: boolean,
): Promise<Gpu[] | undefined> => {
  if (!(await hasNvidiaDriver(host)) && !(await hasAmdDriver(host))) return undefined;
  try {
    const gpus = [...(await readNvidia(host, exec)), ...(await readAmd(host))];
    return gpus.length === 0 ? undefined : gpus;
  } catch (error) {
    if (!isPilotageError(error)) throw error;
    // What was not listed is closed to pilots all the same.
    if (!isNeeded) return [];
    throw new PilotageError(
      'node-unfit',
      `the GPUs cannot be asked: ${messageOf(error)}; remedy: mend the driver, or pilots.gpus: none`,
      {},
      error,
    );
  }
};
