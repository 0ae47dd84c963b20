import { dirname } from 'node:path';
import type { PlannedFile } from '../step.ts';
import { keepOriginal, restoreOriginal } from './originals.ts';
import type { StepPorts } from './ports.ts';

const MAX_BYTES = 1024 * 1024;

type FilePorts = Pick<StepPorts, 'files'>;
interface WithFiles {
  files: readonly PlannedFile[];
}

/** Writes what differs; a file that is right already keeps its time stamp. */
export const writeConfigurationFiles = async (
  planned: readonly PlannedFile[],
  { files }: FilePorts,
): Promise<void> => {
  for (const { path, content, mode } of planned) {
    const same =
      (await files.read(path, MAX_BYTES)) === content && (await files.facts(path))?.mode === mode;
    if (same) continue;
    await keepOriginal(path, { files });
    if ((await files.facts(dirname(path))) === undefined)
      await files.makeDirectory(dirname(path), { mode: 0o755 });
    await files.write(path, content, { mode });
  }
};

/** Files of the system that hold configuration: written, and put back as they were. */
export const configurationFiles = {
  apply: async (
    step: WithFiles,
    ports: FilePorts,
    previous: WithFiles | undefined,
  ): Promise<void> => {
    const kept = new Set(step.files.map(({ path }) => path));
    for (const { path } of previous?.files ?? [])
      if (!kept.has(path)) await restoreOriginal(path, ports);
    await writeConfigurationFiles(step.files, ports);
  },
  undo: async (step: WithFiles, ports: FilePorts): Promise<void> => {
    for (const { path } of step.files.toReversed()) await restoreOriginal(path, ports);
  },
};
