import type { Socket } from 'node:net';
import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { errnoOf, messageOf } from '../../platform/errors.ts';
import type { Log } from '../../platform/log.ts';
import { REFUSALS, type RefusalCode } from '../../protocol/error.ts';
import { refusal, refuse } from './refuse.ts';

/** The refusal that belongs to a status which the framework chose. */
const codeOf = (status: number): RefusalCode => {
  if (status >= 500) return 'internal';
  if (status === 413 || status === 431) return 'too-large';
  if (status === 415) return 'unsupported-media';
  if (status === 408) return 'request-timeout';
  return status === 404 ? 'not-found' : 'bad-request';
};

type Handler = (error: FastifyError, request: FastifyRequest, reply: FastifyReply) => void;

/** What goes wrong outside our handlers, in our words; of our own failures only the log learns more. */
export const createErrorHandler =
  (log: Log): Handler =>
  (error, request, reply) => {
    const code = codeOf(error.statusCode ?? 500);
    if (code !== 'internal') {
      refuse(reply, code, error.message);
      return;
    }
    const { method } = request;
    const route = request.routeOptions.url;
    log.error({ method, route, error: messageOf(error), stack: error.stack }, 'a request failed');
    refuse(reply, 'internal', 'the receiver failed; the same request may pass later');
  };

/** Requests that are not even HTTP, or too slow, or too large in their headers. */
const answerClientError = (error: Error, socket: Socket): void => {
  const errno = errnoOf(error);
  if (errno === 'ECONNRESET' || !socket.writable) {
    socket.destroy();
    return;
  }
  const status = { HPE_HEADER_OVERFLOW: 413, ERR_HTTP_REQUEST_TIMEOUT: 408 }[errno ?? ''] ?? 400;
  const code = codeOf(status);
  const body = JSON.stringify(refusal(code, 'this is not an HTTP request that is taken here'));
  socket.end(
    `HTTP/1.1 ${REFUSALS[code]} Refused\r\nContent-Type: application/json\r\n` +
      `Content-Length: ${Buffer.byteLength(body)}\r\nConnection: close\r\n\r\n${body}`,
  );
};

export const addErrorHandling = (app: FastifyInstance, log: Log): void => {
  app.setErrorHandler(createErrorHandler(log));
  app.setNotFoundHandler((request, reply) =>
    refuse(reply, 'not-found', `there is no ${request.method} ${request.url.split('?')[0]} here`),
  );
  app.server.removeAllListeners('clientError');
  app.server.on('clientError', answerClientError);
};
