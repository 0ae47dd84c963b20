import { dirname } from 'node:path';
import type { PlannedFile } from '../step.ts';
import type { StepPorts } from './ports.ts';

const MAX_BYTES = 1024 * 1024;

/** Writes what differs; a file that is right already keeps its time stamp. */
export const applyConfigurationFiles = async (
  { files: planned }: { files: readonly PlannedFile[] },
  { files }: Pick<StepPorts, 'files'>,
): Promise<void> => {
  for (const { path, content, mode } of planned) {
    const same =
      (await files.read(path, MAX_BYTES)) === content && (await files.facts(path))?.mode === mode;
    if (same) continue;
    if ((await files.facts(dirname(path))) === undefined)
      await files.makeDirectory(dirname(path), { mode: 0o755 });
    await files.write(path, content, { mode });
  }
};
