import { type Agent, type IncomingMessage, request as requestPlain } from 'node:http';
import { request as requestTls } from 'node:https';
import { isPilotageError, messageOf, PilotageError } from './errors.ts';
import { createHttpAgent, type Trust } from './http-agent.ts';

export type { Trust } from './http-agent.ts';

export interface HttpRequest {
  method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  /** Path and query, from the server's root. */
  path: string;
  headers?: Readonly<Record<string, string>>;
  body?: string;
  timeoutMs: number;
  maxBytes: number;
  signal?: AbortSignal;
  /** How the answer's bytes become its body: `utf8` if not said; `latin1` keeps each byte as one character. */
  encoding?: 'utf8' | 'latin1';
}

export interface HttpReply {
  status: number;
  headers: Readonly<Record<string, string | string[] | undefined>>;
  body: string;
}

/** One server, one connection, kept while it is used. No redirects are followed. */
export interface HttpServer {
  /**
   * Any status is a reply. Fails with `http-timeout`, `http-untrusted`, `reply-invalid` (too large)
   * or `http-failed`.
   */
  request(request: HttpRequest): Promise<HttpReply>;
  close(): Promise<void>;
}

export type Http = (origin: string, trust?: Trust) => HttpServer;

/** Certificate trouble as Node and OpenSSL name it. */
const UNTRUSTED = /CERT|SELF_SIGNED|ALTNAME|UNABLE_TO_VERIFY|ISSUER/;

const classify = (
  error: unknown,
  origin: string,
  { timeoutMs, isOver }: { timeoutMs: number; isOver: boolean },
): PilotageError => {
  if (isPilotageError(error)) return error;
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  if (isOver || /TIMED?OUT/.test(code))
    return new PilotageError(
      'http-timeout',
      `${origin} did not answer within ${timeoutMs} ms`,
      { origin },
      error,
    );
  if (UNTRUSTED.test(code))
    return new PilotageError(
      'http-untrusted',
      `${origin} is not trusted: ${messageOf(error)}`,
      { origin, code },
      error,
    );
  return new PilotageError(
    'http-failed',
    `no answer from ${origin}: ${messageOf(error) || code}`,
    { origin, code },
    error,
  );
};

/** Sends a request; the answer's head, its body still to come. */
const send = (
  origin: string,
  agent: Agent,
  { method, path, headers, body }: HttpRequest,
  signal: AbortSignal,
): Promise<IncomingMessage> =>
  new Promise((resolve, reject) => {
    const request = origin.startsWith('https:') ? requestTls : requestPlain;
    request(new URL(path, origin), { method, headers: { ...headers }, agent, signal })
      .once('response', resolve)
      .on('error', reject)
      .end(body);
  });

const readBody = async (
  reply: IncomingMessage,
  { maxBytes, encoding = 'utf8' }: HttpRequest,
): Promise<string> => {
  const pieces: Buffer[] = [];
  let total = 0;
  for await (const piece of reply as AsyncIterable<Buffer>) {
    total += piece.length;
    if (total > maxBytes)
      throw new PilotageError('reply-invalid', `the answer is larger than ${maxBytes} bytes`);
    pieces.push(piece);
  }
  return Buffer.concat(pieces).toString(encoding);
};

export const createHttp: Http = (origin, trust = {}) => {
  const closing = new AbortController();
  let agent: Agent | undefined;
  return {
    request: async request => {
      const { timeoutMs, signal } = request;
      // What is left of a deadline is seldom whole, and Node takes nothing else.
      const deadline = AbortSignal.timeout(Math.ceil(timeoutMs));
      const ends = [deadline, closing.signal, ...(signal === undefined ? [] : [signal])];
      try {
        agent ??= createHttpAgent(new URL(origin).protocol, trust);
        const reply = await send(origin, agent, request, AbortSignal.any(ends));
        const body = await readBody(reply, request);
        return { status: reply.statusCode ?? 0, headers: reply.headers, body };
      } catch (error) {
        throw classify(error, origin, { timeoutMs, isOver: deadline.aborted });
      }
    },
    close: async () => {
      closing.abort();
      agent?.destroy();
    },
  };
};
