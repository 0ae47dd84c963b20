import type { Clock } from '../../platform/clock.ts';
import { isPilotageError, messageOf, PilotageError } from '../../platform/errors.ts';
import type { HttpServer } from '../../platform/http.ts';
import type { Packed } from './pack-logs.ts';
import { collectionsAbove } from './upload-target.ts';

export interface PutInput {
  path: string;
  /** Of RFC 6750; without it, what the address itself carries has to do. */
  token: string | undefined;
  packed: Packed;
  /** True where the collections above it may have to be made first (WebDAV). */
  needsCollections: boolean;
  /** Until then it is tried, by the monotonic clock. */
  endMs: number;
  signal: AbortSignal;
}

const TRIES = 4;
const FIRST_PAUSE_MS = 2000;
const TIMEOUT_MS = 600_000;
const MKCOL_MS = 30_000;
const ANSWER_BYTES = 64 * 1024;
/** Of 4xx, those that may pass later. */
const PASSING = new Set([408, 425, 429]);
const CONFLICT = 409;
/** A collection that is missing is a conflict (RFC 4918, 9.7.1); to nginx it is an error of its own. */
const mayLackCollection = (status: number): boolean =>
  status === CONFLICT || status === 404 || status >= 500;

/**
 * Puts an object by HTTP: WebDAV (RFC 4918), and S3 by an address that was signed beforehand. Its length
 * is said, since S3 takes no body of unknown length. Fails with `http-refused` where trying again is of
 * no use, else as the transport did at last. No error names the path: it may hold a signature.
 */
export const putObject = async (
  { server, clock, random }: { server: HttpServer; clock: Clock; random: () => number },
  { path, token, packed, needsCollections, endMs, signal }: PutInput,
): Promise<void> => {
  const authorization = token === undefined ? {} : { authorization: `Bearer ${token}` };

  const put = async (): Promise<number> => {
    const { status } = await server.request({
      ...{ method: 'PUT', path, pieces: packed.open(), maxBytes: ANSWER_BYTES, signal },
      headers: { ...authorization, 'content-length': String(packed.sizeBytes) },
      timeoutMs: Math.max(1, Math.min(TIMEOUT_MS, endMs - clock.monotonicMs())),
    });
    return status;
  };
  /** The collections above it: those that are missing, from the uppermost on. */
  const makeCollections = async (): Promise<void> => {
    const missing: string[] = [];
    const make = async (collection: string): Promise<number> => {
      const { status } = await server.request({
        ...{ method: 'MKCOL', path: collection, headers: authorization, signal },
        ...{ timeoutMs: MKCOL_MS, maxBytes: ANSWER_BYTES },
      });
      return status;
    };
    for (const collection of collectionsAbove(path)) {
      if ((await make(collection)) !== CONFLICT) break;
      missing.unshift(collection);
    }
    for (const collection of missing) await make(collection);
  };

  let failure: unknown;
  let hasMade = false;
  for (let pauseMs = FIRST_PAUSE_MS, tries = 0; tries < TRIES; tries += 1) {
    if (signal.aborted || clock.monotonicMs() >= endMs) break;
    try {
      const status = await put();
      if (status >= 200 && status < 300) return;
      failure = new PilotageError('http-refused', `the server answered ${status}`, { status });
      if (needsCollections && !hasMade && mayLackCollection(status)) {
        hasMade = true;
        await makeCollections();
        continue;
      }
      if (status < 500 && !PASSING.has(status)) throw failure;
    } catch (error) {
      if (!isPilotageError(error) || error.code === 'http-refused') throw error;
      failure = error;
    }
    await clock.sleep(pauseMs * (0.5 + random() / 2), signal);
    pauseMs *= 2;
  }
  throw failure instanceof PilotageError
    ? failure
    : new PilotageError('http-timeout', `there was no time: ${messageOf(failure ?? 'none tried')}`);
};
