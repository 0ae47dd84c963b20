import { PilotageError } from '../platform/errors.ts';
import type { Http } from '../platform/http.ts';
import { type Nearest, parseNearest } from './parse.ts';

/** Largest reply taken, bytes; a stock server needs about 700 for each squid. */
const MAX_REPLY_BYTES = 256 * 1024;

/** Asked for beyond what is wanted, as the stock client does, since some may prove unusable. */
const SPARE = 5;

/**
 * The path to ask. The stock client is configured with the whole of `http://server/nearest`, so an
 * address that already names one of the server's lists is left as it is.
 */
export const nearestPath = (server: URL, wanted: number): string => {
  const base = server.pathname.replace(/\/+$/, '');
  const list = /\/nearest(?:cvmfs|conditions|verified)?$/.test(base) ? base : `${base}/nearest`;
  return `${list}/${wanted + SPARE}`;
};

/**
 * Asks one Shoal server, directly and never through a proxy, which squids are nearest.
 * Fails like `HttpServer.request`, with `http-refused` for a status other than 200, and with
 * `reply-invalid`.
 */
export const askNearest = async (
  http: Http,
  server: URL,
  wanted: number,
  timeoutMs: number,
  signal?: AbortSignal,
): Promise<Nearest> => {
  const connection = http(server.origin);
  try {
    const { status, body } = await connection.request({
      method: 'GET',
      path: nearestPath(server, wanted),
      headers: { accept: 'application/json' },
      timeoutMs,
      maxBytes: MAX_REPLY_BYTES,
      ...(signal === undefined ? {} : { signal }),
    });
    if (status !== 200) {
      const message = `the Shoal server ${server.origin} answered with status ${status}`;
      throw new PilotageError('http-refused', message, { status });
    }
    return parseNearest(body);
  } finally {
    await connection.close();
  }
};
