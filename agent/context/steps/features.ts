import type { StepPorts } from './ports.ts';

/** One file a key, each replaced as a whole, as HSF-TN-2016-02 has it. */
export const applyFeatures = async (
  { folder, keys }: { folder: string; keys: Readonly<Record<string, string>> },
  { files }: Pick<StepPorts, 'files'>,
): Promise<void> => {
  await files.makeDirectory(folder, { mode: 0o755 });
  for (const [key, value] of Object.entries(keys))
    await files.write(`${folder}/${key}`, `${value}\n`, { mode: 0o644 });
};
