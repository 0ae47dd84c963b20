import { dirname } from 'node:path';
import type { Files } from '../../platform/files.ts';
import { PATHS } from '../paths.ts';

const NAME = 'shutdown_message';

/**
 * Leaves what the VM came to where people look for it, and where Vac and Vcycle do.
 * @param jobOutputs their $JOBOUTPUTS; it has to be there
 */
export const leaveShutdownMessage = async (
  files: Files,
  message: string,
  jobOutputs: string | undefined,
): Promise<void> => {
  const folder = dirname(PATHS.shutdownMessage);
  if ((await files.facts(folder)) === undefined) await files.makeDirectory(folder, { mode: 0o700 });
  const paths = jobOutputs === undefined ? [] : [`${jobOutputs}/${NAME}`];
  for (const path of [PATHS.shutdownMessage, ...paths])
    await files.write(path, `${message}\n`, { mode: 0o644 });
};
