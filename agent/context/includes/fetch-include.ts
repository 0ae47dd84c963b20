import { createHash } from 'node:crypto';
import * as v from 'valibot';
import type { Clock } from '../../../platform/clock.ts';
import { PilotageError } from '../../../platform/errors.ts';
import type { Files } from '../../../platform/files.ts';
import type { Http } from '../../../platform/http.ts';
import { parseJson } from '../../../platform/parse-json.ts';
import { PATHS } from '../../paths.ts';
import { createMetadata, withMetadata } from '../sources/metadata.ts';
import type { IncludeReader } from './expand.ts';

/** What was fetched in this boot, so that an agent that restarts needs no network for it. */
const Kept = v.object({
  schemaVersion: v.literal(1),
  bootId: v.string(),
  url: v.string(),
  base64: v.string(),
});
const KEPT_BYTES = 2 * 1024 * 1024;

const hash = (data: string | Buffer): string => createHash('sha256').update(data).digest('hex');
const keptPath = (url: string): string => `${PATHS.includes}/${hash(url)}.json`;

export interface FetchPorts {
  files: Files;
  http: Http;
  clock: Clock;
}

export interface FetchInput {
  bootId: string;
  /** False where nothing may be kept. */
  mayWrite: boolean;
  /** For all addresses together: the network may come up after the VM. */
  totalMs: number;
}

const REQUEST_MS = 20_000;

/**
 * Fetches by the system's own certificate authorities, again and again while a server fails. No redirect
 * is followed. Fails as `Http` does, or with `http-refused` for any answer but 200.
 */
export const createIncludeFetch = (
  { files, http, clock }: FetchPorts,
  { bootId, mayWrite, totalMs }: FetchInput,
  signal: AbortSignal,
): NonNullable<IncludeReader['fetch']> => {
  const endsMs = clock.monotonicMs() + totalMs;

  const recall = async (url: string): Promise<Buffer | undefined> => {
    const text = await files.read(keptPath(url), KEPT_BYTES);
    const kept = text === undefined ? undefined : parseJson(Kept, text);
    return kept?.bootId === bootId && kept.url === url
      ? Buffer.from(kept.base64, 'base64')
      : undefined;
  };
  const keep = async (url: string, bytes: Buffer): Promise<void> => {
    await files.makeDirectory(PATHS.includes, { mode: 0o700 });
    const kept = { schemaVersion: 1, bootId, url, base64: bytes.toString('base64') };
    await files.write(keptPath(url), JSON.stringify(kept), { mode: 0o600 });
  };
  const ask = async (url: string): Promise<Buffer> => {
    const { origin, pathname } = new URL(url);
    const leftMs = endsMs - clock.monotonicMs();
    if (leftMs <= 0)
      throw new PilotageError('http-timeout', `there was no time left to ask ${origin}`, {
        origin,
      });
    const patience = { requestMs: Math.min(REQUEST_MS, leftMs), totalMs: leftMs };
    const server = createMetadata({ http, clock, patience }, origin, [origin], signal);
    const { status, body } = await withMetadata(server, asked => asked.request({ path: pathname }));
    if (status === 200) return Buffer.from(body, 'latin1');
    throw new PilotageError('http-refused', `${origin} answers ${status} to ${pathname}`, {
      status,
    });
  };

  return async (url, sha256) => {
    const kept = await recall(url);
    if (kept !== undefined && (sha256 === undefined || hash(kept) === sha256)) return kept;
    const bytes = await ask(url);
    // What is not what was asked for is refused, and not kept.
    if (mayWrite && (sha256 === undefined || hash(bytes) === sha256)) await keep(url, bytes);
    return bytes;
  };
};
