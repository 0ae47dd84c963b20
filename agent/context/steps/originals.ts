import * as v from 'valibot';
import { PilotageError } from '../../../platform/errors.ts';
import { parseJson } from '../../../platform/parse-json.ts';
import { PATHS } from '../../paths.ts';
import type { StepPorts } from './ports.ts';

/** A file as it was before a step first wrote it. */
const Original = v.object({
  schemaVersion: v.literal(1),
  path: v.string(),
  /** Absent: there was no such file. */
  file: v.optional(
    v.object({ base64: v.string(), mode: v.number(), uid: v.number(), gid: v.number() }),
  ),
});

const FILE_BYTES = 1024 * 1024;
/** In base64, with what stands around it. */
const RECORD_BYTES = 2 * FILE_BYTES;

const recordOf = (path: string): string => `${PATHS.originals}/${encodeURIComponent(path)}`;

/** Keeps a file as it is now, unless it was kept before: then it has been ours since. */
export const keepOriginal = async (
  path: string,
  { files }: Pick<StepPorts, 'files'>,
): Promise<void> => {
  const record = recordOf(path);
  if ((await files.facts(record)) !== undefined) return;
  const facts = await files.facts(path);
  const bytes = await files.readBytes(path, FILE_BYTES);
  const file =
    facts === undefined || bytes === undefined
      ? undefined
      : { base64: bytes.toString('base64'), mode: facts.mode, uid: facts.uid, gid: facts.gid };
  await files.makeDirectory(PATHS.originals, { mode: 0o700 });
  const original = { schemaVersion: 1, path, ...(file === undefined ? {} : { file }) };
  await files.write(record, JSON.stringify(original), { mode: 0o600 });
};

/** Puts a file back as it was before it was ours; one that was never kept stays as it is. */
export const restoreOriginal = async (
  path: string,
  { files }: Pick<StepPorts, 'files'>,
): Promise<void> => {
  const record = recordOf(path);
  const text = await files.read(record, RECORD_BYTES);
  if (text === undefined) return;
  const original = parseJson(Original, text);
  if (original?.path !== path)
    throw new PilotageError('state-invalid', `${record} cannot be understood`, { path: record });
  if (original.file === undefined) await files.remove(path);
  else {
    const { base64, mode, uid, gid } = original.file;
    await files.write(path, Buffer.from(base64, 'base64').toString('utf8'), {
      mode,
      owner: { uid, gid },
    });
  }
  await files.remove(record);
};
