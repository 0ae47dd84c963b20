import { createHash } from 'node:crypto';
import type { TLSSocket } from 'node:tls';
import requestOf from 'undici/lib/api/api-request.js';
import buildConnector from 'undici/lib/core/connect.js';
import Client from 'undici/lib/dispatcher/client.js';
import { isPilotageError, messageOf, PilotageError } from './errors.ts';

export interface HttpRequest {
  method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  /** Path and query, from the server's root. */
  path: string;
  headers?: Readonly<Record<string, string>>;
  body?: string;
  timeoutMs: number;
  maxBytes: number;
  signal?: AbortSignal;
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

/** How a server proves itself: by the system's authorities, by a given one, or by its key. */
export interface Trust {
  /** PEM certificates that replace the system's. */
  ca?: string | undefined;
  /** `sha256//<base64>` of the key's SubjectPublicKeyInfo (RFC 7469); the chain is then not asked. */
  pin?: string | undefined;
}

export type Http = (origin: string, trust?: Trust) => HttpServer;

const KEEP_ALIVE_MS = 90_000;

const pinOf = (socket: TLSSocket): string | undefined => {
  const key = socket.getPeerX509Certificate()?.publicKey.export({ type: 'spki', format: 'der' });
  return key === undefined
    ? undefined
    : `sha256//${createHash('sha256').update(key).digest('base64')}`;
};

const createConnector = (trust: Trust): buildConnector.connector => {
  const connect = buildConnector({
    // HTTP/1.1 alone: what an idle agent keeps loaded is counted.
    allowH2: false,
    timeout: 10_000,
    ...(trust.ca === undefined ? {} : { ca: trust.ca }),
    // A resumed TLS session shows no certificate, so where the key is asked none is resumed.
    ...(trust.pin === undefined ? {} : { rejectUnauthorized: false, maxCachedSessions: 0 }),
  });
  if (trust.pin === undefined) return connect;
  return (options, callback) =>
    connect(options, (...args) => {
      const [error, socket] = args;
      if (error !== null) return callback(error, null);
      const seen = 'getPeerX509Certificate' in socket ? pinOf(socket) : undefined;
      if (seen === trust.pin) return callback(null, socket);
      socket.destroy();
      const message = `the server's key is ${seen ?? 'none'}, the pin says ${trust.pin}`;
      callback(new PilotageError('http-untrusted', message), null);
    });
};

/** Certificate trouble as Node and OpenSSL name it. */
const UNTRUSTED = /CERT|SELF_SIGNED|ALTNAME|UNABLE_TO_VERIFY|ISSUER/;

const classify = (error: unknown, origin: string, timeoutMs: number): PilotageError => {
  if (isPilotageError(error)) return error;
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  if (error instanceof Error && (error.name === 'TimeoutError' || /TIMED?OUT/.test(code)))
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

export const createHttp: Http = (origin, trust = {}) => {
  const client = new Client(origin, {
    connect: createConnector(trust),
    keepAliveTimeout: KEEP_ALIVE_MS,
    keepAliveMaxTimeout: KEEP_ALIVE_MS,
    pipelining: 1,
    allowH2: false,
  });
  return {
    request: async ({ method, path, headers, body, timeoutMs, maxBytes, signal }) => {
      // What is left of a deadline is seldom whole, and Node takes nothing else.
      const deadline = AbortSignal.timeout(Math.ceil(timeoutMs));
      try {
        const reply = await requestOf.call(client, {
          method,
          path,
          headers: { ...headers },
          ...(body === undefined ? {} : { body }),
          signal: signal === undefined ? deadline : AbortSignal.any([deadline, signal]),
        });
        const pieces: Buffer[] = [];
        let total = 0;
        for await (const piece of reply.body as AsyncIterable<Buffer>) {
          total += piece.length;
          if (total > maxBytes) {
            const message = `the answer of ${origin} is larger than ${maxBytes} bytes`;
            throw new PilotageError('reply-invalid', message, { origin, maxBytes });
          }
          pieces.push(piece);
        }
        return {
          status: reply.statusCode,
          headers: reply.headers,
          body: Buffer.concat(pieces).toString('utf8'),
        };
      } catch (error) {
        throw classify(error, origin, timeoutMs);
      }
    },
    close: () => client.destroy(),
  };
};
