import * as v from 'valibot';
import { parseJson } from '../../../platform/parse-json.ts';
import { PATHS } from '../../paths.ts';
import type { StepPorts } from './ports.ts';

/** What settings of the system were before a step first changed them. */
const Former = v.object({
  schemaVersion: v.literal(1),
  values: v.record(v.string(), v.string()),
});
type Values = Readonly<Record<string, string>>;
type FilePorts = Pick<StepPorts, 'files'>;

const MAX_BYTES = 1024 * 1024;
const recordOf = (step: string): string => `${PATHS.former}/${step}.json`;

const read = async (step: string, { files }: FilePorts): Promise<Values> => {
  const text = await files.read(recordOf(step), MAX_BYTES);
  return (text === undefined ? undefined : parseJson(Former, text))?.values ?? {};
};

const write = async (step: string, values: Values, { files }: FilePorts): Promise<void> => {
  if (Object.keys(values).length === 0) return files.remove(recordOf(step));
  await files.makeDirectory(PATHS.former, { mode: 0o700 });
  await files.write(recordOf(step), JSON.stringify({ schemaVersion: 1, values }), { mode: 0o600 });
};

/** Keeps what a step is about to change, unless it was kept before: then it has been ours since. */
export const keepFormer = async (step: string, values: Values, ports: FilePorts): Promise<void> => {
  const kept = await read(step, ports);
  if (Object.keys(values).some(key => !Object.hasOwn(kept, key)))
    await write(step, { ...values, ...kept }, ports);
};

/**
 * Hands back what was kept, each to `restore`; what is handed back is kept no longer.
 * @param keys those that are asked for; all if not said
 */
export const restoreFormer = async (
  step: string,
  ports: FilePorts,
  restore: (key: string, value: string) => Promise<void>,
  keys?: readonly string[],
): Promise<void> => {
  const kept = await read(step, ports);
  const rest = { ...kept };
  for (const key of keys ?? Object.keys(kept)) {
    const value = kept[key];
    if (value === undefined) continue;
    await restore(key, value);
    delete rest[key];
  }
  await write(step, rest, ports);
};
