import { createHash } from 'node:crypto';
import * as v from 'valibot';
import type { Files } from '../../platform/files.ts';
import { parseJson } from '../../platform/parse-json.ts';
import { PATHS } from '../paths.ts';

/** What is known of the content that was handed out, beside itself; in memory, 0600, no secret in it. */
const CredentialRecord = v.object({
  schemaVersion: v.literal(1),
  /** SHA-256 of the content that this is about. */
  digest: v.string(),
  /** ms since 1970. */
  obtainedMs: v.number(),
  endMs: v.optional(v.number()),
});
export interface Obtainment {
  obtainedMs: number;
  endMs?: number;
}

const recordPath = (name: string): string => `${PATHS.credentialRecords}/${name}.json`;
const digestOf = (content: string): string => createHash('sha256').update(content).digest('hex');

/** When this very content came and when it ends; `undefined` if nothing of it was written down. */
export const readRecord = async (
  files: Files,
  name: string,
  content: string,
): Promise<Obtainment | undefined> => {
  const text = await files.read(recordPath(name), 4096);
  const record = text === undefined ? undefined : parseJson(CredentialRecord, text);
  if (record?.digest !== digestOf(content)) return undefined;
  const { obtainedMs, endMs } = record;
  return { obtainedMs, ...(endMs === undefined ? {} : { endMs }) };
};

export const writeRecord = async (
  files: Files,
  name: string,
  content: string,
  obtainment: Obtainment,
): Promise<void> => {
  await files.makeDirectory(PATHS.credentialRecords, { mode: 0o700 });
  const record = { schemaVersion: 1, digest: digestOf(content), ...obtainment };
  await files.write(recordPath(name), JSON.stringify(record), { mode: 0o600 });
};

export const removeRecord = (files: Files, name: string): Promise<void> =>
  files.remove(recordPath(name));
