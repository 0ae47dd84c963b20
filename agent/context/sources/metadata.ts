import { isPilotageError, PilotageError } from '../../../platform/errors.ts';
import type { HttpReply, HttpServer } from '../../../platform/http.ts';
import { type SourcePorts, USER_DATA_BYTES } from './source.ts';

export interface MetadataRequest {
  method?: 'GET' | 'PUT';
  path: string;
  headers?: Readonly<Record<string, string>>;
}

/** A cloud's metadata service. */
export interface Metadata {
  /** Any answer that is final. Fails as `HttpServer.request` does, once patience is at its end. */
  request(request: MetadataRequest): Promise<HttpReply>;
  close(): Promise<void>;
}

const FIRST_WAIT_MS = 500;
const LONGEST_WAIT_MS = 10_000;

/** Answers that mean "not now", beside 5xx: too many requests, and Azure's service being moved. */
const PASSING_STATUS = new Set([410, 429]);

const isPassing = (error: unknown): boolean =>
  isPilotageError(error) && (error.code === 'http-failed' || error.code === 'http-timeout');

/**
 * Asks again while a service fails, with growing pauses, until `patience.totalMs` since its creation
 * are over. No redirect is followed and no proxy is asked.
 * @param what the service's name for messages
 * @param origins tried in order; the first that answers is kept
 */
export const createMetadata = (
  { http, clock, patience }: Pick<SourcePorts, 'http' | 'clock' | 'patience'>,
  what: string,
  origins: readonly string[],
  signal: AbortSignal,
): Metadata => {
  const endsMs = clock.monotonicMs() + patience.totalMs;
  let servers: HttpServer[] = origins.map(origin => http(origin));
  const all = servers;

  const askOne = async (server: HttpServer, request: MetadataRequest): Promise<HttpReply> => {
    const reply = await server.request({
      method: 'GET',
      ...request,
      timeoutMs: patience.requestMs,
      maxBytes: USER_DATA_BYTES,
      encoding: 'latin1',
      signal,
    });
    if (reply.status >= 500 || PASSING_STATUS.has(reply.status))
      throw new PilotageError('http-failed', `${what} answers ${reply.status} to ${request.path}`, {
        status: reply.status,
      });
    return reply;
  };
  const askAll = async (request: MetadataRequest): Promise<HttpReply> => {
    let failure: unknown;
    for (const server of servers) {
      try {
        const reply = await askOne(server, request);
        servers = [server];
        return reply;
      } catch (error) {
        if (!isPassing(error)) throw error;
        failure ??= error;
      }
    }
    throw failure;
  };

  return {
    request: async request => {
      for (let waitMs = FIRST_WAIT_MS; ; waitMs = Math.min(2 * waitMs, LONGEST_WAIT_MS)) {
        try {
          return await askAll(request);
        } catch (error) {
          const isOver = signal.aborted || clock.monotonicMs() + waitMs > endsMs;
          if (!isPassing(error) || isOver) throw error;
        }
        await clock.sleep(waitMs, signal);
      }
    },
    close: async () => {
      await Promise.all(all.map(server => server.close()));
    },
  };
};

/** The bytes of an answer: 404 means that there is none, any other refusal is a failure. */
export const bytesOf = (
  { status, body }: HttpReply,
  what: string,
  path: string,
): Buffer | undefined => {
  if (status === 200) return Buffer.from(body, 'latin1');
  if (status === 404) return undefined;
  throw new PilotageError('http-refused', `${what} answers ${status} to ${path}`, { status });
};

/** Something asked of a metadata service, which is closed afterwards. */
export const withMetadata = async <T>(
  metadata: Metadata,
  ask: (metadata: Metadata) => Promise<T>,
): Promise<T> => {
  try {
    return await ask(metadata);
  } finally {
    await metadata.close();
  }
};
