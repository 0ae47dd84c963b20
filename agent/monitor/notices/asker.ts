import type { Clock } from '../../../platform/clock.ts';
import { isPilotageError, PilotageError } from '../../../platform/errors.ts';
import type { Http, HttpReply, HttpServer } from '../../../platform/http.ts';

/** A list of events may name every VM of a group. */
const MAX_BYTES = 64 * 1024;

export interface Question {
  method?: 'GET' | 'PUT' | 'POST';
  path: string;
  headers?: Readonly<Record<string, string>>;
  body?: string;
  /** ms for the request with its answer; 5 s if not said. */
  timeoutMs?: number;
}

/**
 * A service that is looked at again and again, each request bounded. One is repeated once where no answer
 * came, since between two looks a service may have closed the connection that was kept.
 */
export interface Asker {
  /** Any status is an answer. */
  ask(question: Question): Promise<HttpReply>;
  close(): Promise<void>;
}

/** @param origins tried in order; the first that answers is kept */
export const createAsker = (http: Http, origins: readonly string[], signal: AbortSignal): Asker => {
  const all = origins.map(origin => http(origin));
  let kept: HttpServer | undefined;
  return {
    ask: async ({ timeoutMs = 5000, ...question }) => {
      let failure: unknown;
      for (const server of kept === undefined ? all : [kept, kept]) {
        try {
          const reply = await server.request({
            ...{ method: 'GET', ...question },
            ...{ timeoutMs, maxBytes: MAX_BYTES, signal },
          });
          kept = server;
          return reply;
        } catch (error) {
          if (!isPilotageError(error)) throw error;
          failure ??= error;
          // A service that does not answer in time would not the second time either.
          if (kept !== undefined && error.code !== 'http-failed') break;
        }
      }
      throw failure;
    },
    close: async () => {
      await Promise.all(all.map(server => server.close()));
    },
  };
};

/** The text of an answer; 404 means that there is nothing, any other refusal is a failure. */
export const textOf = (
  { status, body }: HttpReply,
  what: string,
  path: string,
): string | undefined => {
  if (status === 200) return body;
  if (status === 404) return undefined;
  throw new PilotageError('http-refused', `${what} answers ${status} to ${path}`, { status });
};

/** ms until a moment, UNIX ms, by the clock of the service that names it; by ours where it tells no time. */
export const leftUntil = (wallMs: number, { headers }: HttpReply, clock: Clock): number => {
  const told = typeof headers.date === 'string' ? Date.parse(headers.date) : Number.NaN;
  return wallMs - (Number.isNaN(told) ? clock.wallMs() : told);
};

export const notUnderstood = (what: string): PilotageError =>
  new PilotageError('reply-invalid', `${what} is not what it should be`);
