import type { StepPorts } from './ports.ts';

type FilePorts = Pick<StepPorts, 'files'>;
interface FeaturesStep {
  folder: string;
  keys: Readonly<Record<string, string>>;
}

/** One file a key, each replaced as a whole, as HSF-TN-2016-02 has it. */
export const features = {
  apply: async (
    { folder, keys }: FeaturesStep,
    { files }: FilePorts,
    previous: FeaturesStep | undefined,
  ): Promise<void> => {
    await files.makeDirectory(folder, { mode: 0o755 });
    for (const key of Object.keys(previous?.keys ?? {}))
      if (!(key in keys)) await files.remove(`${folder}/${key}`);
    for (const [key, value] of Object.entries(keys))
      await files.write(`${folder}/${key}`, `${value}\n`, { mode: 0o644 });
  },
  undo: ({ folder }: FeaturesStep, { files }: FilePorts): Promise<void> => files.remove(folder),
};
