import { Readable } from 'node:stream';
import requestOf from 'undici/lib/api/api-request.js';
import buildConnector from 'undici/lib/core/connect.js';
import Client from 'undici/lib/dispatcher/client.js';
import { CONNECT_MS, type Http, KEEP_ALIVE_MS, type Trust } from './http.ts';
import { exchangeHttp } from './http-exchange.ts';
import { pinOf, wrongKey } from './public-key-pin.ts';

/** Hands out a connection only once its key has been seen, so that nothing is sent before. */
const createConnector = ({ ca, pin }: Trust): buildConnector.connector => {
  const connect = buildConnector({
    allowH2: false,
    timeout: CONNECT_MS,
    ...(ca === undefined ? {} : { ca }),
    // A resumed TLS session shows no certificate, so where the key is asked none is resumed.
    ...(pin === undefined ? {} : { rejectUnauthorized: false, maxCachedSessions: 0 }),
  });
  if (pin === undefined) return connect;
  return (options, callback) =>
    connect(options, (...args) => {
      const [error, socket] = args;
      if (error !== null) return callback(error, null);
      const seen = 'getPeerX509Certificate' in socket ? pinOf(socket) : undefined;
      if (seen === pin) return callback(null, socket);
      socket.destroy();
      return callback(wrongKey(seen, pin), null);
    });
};

/** For programs that ask and end. The agent that lives for days uses `light-http`. */
export const createHttp: Http = (origin, trust = {}) => {
  const closing = new AbortController();
  const client = new Client(origin, {
    connect: createConnector(trust),
    keepAliveTimeout: KEEP_ALIVE_MS,
    keepAliveMaxTimeout: KEEP_ALIVE_MS,
    pipelining: 1,
    allowH2: false,
  });
  return {
    request: request =>
      exchangeHttp(origin, request, closing.signal, async signal => {
        const { method, path, headers, body, pieces } = request;
        const sent = pieces === undefined ? body : Readable.from(pieces);
        const options = { method, path, headers: { ...headers }, signal };
        const reply = await requestOf.call(
          client,
          sent === undefined ? options : { ...options, body: sent },
        );
        return { status: reply.statusCode, headers: reply.headers, body: reply.body };
      }),
    close: async () => {
      closing.abort();
      await client.destroy();
    },
  };
};
