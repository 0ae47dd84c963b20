import { createHash } from 'node:crypto';
import type { Clock } from '../../platform/clock.ts';
import { isPilotageError, messageOf, PilotageError } from '../../platform/errors.ts';
import type { Http, HttpServer } from '../../platform/http.ts';
import type { Download } from '../pilot/kinds/kind.ts';

export interface DownloadPorts {
  http: Http;
  clock: Clock;
}

const FIRST_WAIT_MS = 1000;
const LONGEST_WAIT_MS = 15_000;
/** Of one try: a server that sends nothing must not cost all the time there is. */
const REQUEST_MS = 60_000;

/** Too early or too many: the server may think otherwise later on. */
const isPassingStatus = (status: number): boolean =>
  status >= 500 || status === 408 || status === 425 || status === 429;

const isPassing = (error: unknown): boolean =>
  isPilotageError(error) && (error.code === 'http-failed' || error.code === 'http-timeout');

/** How the wrong thing begins, as far as it can be shown. */
const beginningOf = (bytes: Buffer): string =>
  bytes
    .toString('latin1', 0, 40)
    .replaceAll(/[^ -~]+/g, ' ')
    .trim();

const refused = (url: string, what: string, context: object = {}): PilotageError =>
  new PilotageError('reply-invalid', `${url} ${what}`, { url, ...context });

/** @throws reply-invalid */
const check = ({ url, begins, ...hashes }: Download, bytes: Buffer): void => {
  if (begins !== undefined && !bytes.toString('latin1').startsWith(begins))
    throw refused(
      url,
      bytes.length === 0 ? 'is empty' : `begins with "${beginningOf(bytes)}", not with ${begins}`,
    );
  for (const algorithm of ['sha256', 'sha1'] as const) {
    const wanted = hashes[algorithm]?.toLowerCase();
    if (wanted === undefined) continue;
    const found = createHash(algorithm).update(bytes).digest('hex');
    if (found !== wanted) throw refused(url, `has the ${algorithm} ${found}, not ${wanted}`);
  }
};

/**
 * Fetches a file for a pilot. What fails in passing is tried again, with growing pauses, until its time
 * is over; anything but 200 and what was asked for is refused.
 * @returns fails as `Http` does, with `http-refused` for another status, with `reply-invalid` for another content
 */
export const createDownload = ({ http, clock }: DownloadPorts) => {
  const ask = async (
    server: HttpServer,
    path: string,
    { url, maxBytes }: Download,
    timeoutMs: number,
    signal: AbortSignal | undefined,
  ): Promise<Buffer> => {
    const { status, headers, body } = await server.request({
      ...{ method: 'GET', path, timeoutMs, maxBytes, encoding: 'latin1' },
      headers: { 'user-agent': 'pilotage-agent' },
      ...(signal === undefined ? {} : { signal }),
    });
    if (status === 200) return Buffer.from(body, 'latin1');
    const { location } = headers;
    const where = typeof location === 'string' ? ` (${location.slice(0, 200)})` : '';
    const message = `${url} answers ${status}${where}`;
    throw new PilotageError(isPassingStatus(status) ? 'http-failed' : 'http-refused', message, {
      status,
    });
  };

  return async (download: Download, signal?: AbortSignal): Promise<Buffer> => {
    const { url, proxy, trust, timeoutMs } = download;
    const { origin, pathname, search, protocol } = new URL(url);
    const ways = [
      ...(proxy === undefined || protocol !== 'http:'
        ? []
        : [{ server: http(new URL(proxy).origin), path: url }]),
      { server: http(origin, trust), path: `${pathname}${search}` },
    ];
    const endsMs = clock.monotonicMs() + timeoutMs;
    /** By all ways in turn; the last one's failure counts. */
    const tryAll = async (): Promise<Buffer> => {
      let failure: unknown;
      for (const { server, path } of ways) {
        const leftMs = Math.max(1, Math.min(REQUEST_MS, endsMs - clock.monotonicMs()));
        try {
          const bytes = await ask(server, path, download, leftMs, signal);
          check(download, bytes);
          return bytes;
        } catch (error) {
          if (signal?.aborted === true) throw error;
          failure = error;
        }
      }
      throw failure;
    };
    try {
      for (let waitMs = FIRST_WAIT_MS; ; waitMs = Math.min(2 * waitMs, LONGEST_WAIT_MS)) {
        try {
          return await tryAll();
        } catch (error) {
          const isOver = clock.monotonicMs() + waitMs >= endsMs;
          if (signal?.aborted === true || !isPassing(error)) throw error;
          if (isOver) throw lastOf(url, error);
        }
        await clock.sleep(waitMs, signal);
      }
    } finally {
      await Promise.all(ways.map(({ server }) => server.close()));
    }
  };
};

/** The failure that was left when the time was over, with the address that it is about. */
const lastOf = (url: string, error: unknown): PilotageError =>
  new PilotageError(
    isPilotageError(error) ? error.code : 'http-failed',
    `${url} could not be had: ${messageOf(error)}`,
    { url },
    error,
  );
