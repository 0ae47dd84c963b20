import { promisify } from 'node:util';
import zlib from 'node:zlib';
import type { FastifyInstance } from 'fastify';
import { LIMITS } from '../../protocol/limits.ts';
import { LogsRequest, type LogsResponse } from '../../protocol/logs.ts';
import { WholeLogRequest, type WholeLogResponse } from '../../protocol/whole-log.ts';
import { createFleetGauge, logShare, wholeLogPauseMs } from '../fleet/log-share.ts';
import { createAuthorizers } from './authorize.ts';
import { parseMessage } from './parse-body.ts';
import type { Room } from './ports.ts';
import { refuse } from './refuse.ts';
import { wireWaiting } from './wire-waiting.ts';

const gunzip = promisify(zlib.gunzip);
/** In which VMs count as sending whole logs. */
const SENDING_MS = 60_000;

/** The bytes of a step as they are kept; `undefined` where they are not what the step says. */
const takeChunk = async ({ fromByte, length, gzip }: WholeLogRequest) => {
  if (fromByte === undefined || length === undefined || gzip === undefined)
    return { chunk: undefined };
  const packed = Buffer.from(gzip, 'base64');
  try {
    const bytes = await gunzip(packed, { maxOutputLength: LIMITS.wholeChunkBytes });
    const toByte = fromByte + length;
    if (bytes.length !== length || !Number.isSafeInteger(toByte)) return undefined;
    return { chunk: { fromByte, toByte, packed } };
  } catch {
    // Whatever zlib says: these bytes are not gzip, or too long.
    return undefined;
  }
};

/** The logs that VMs send beside their heartbeats: `POST /v1/logs` and `POST /v1/logs/whole`. */
export const addVmLogRoutes = (
  app: FastifyInstance,
  { clock, storage, config, fleet }: Room,
): void => {
  const authorize = createAuthorizers(storage, config.operatorToken);
  const sending = createFleetGauge(SENDING_MS);
  const share = () => logShare(fleet.size(), config.paceMs);

  app.post('/v1/logs', { onRequest: authorize.vm }, async (request, reply) => {
    const parsed = parseMessage(LogsRequest, request.body);
    if (!parsed.ok) return refuse(reply, parsed.code, parsed.message);
    const { vmId } = request;
    const { bootId, logs: pieces } = parsed.value;
    const arrival = { vmId, bootId, pieces, receivedMs: clock.wallMs() };
    const waiting = await storage.recordLogs(arrival);
    if (waiting === undefined) return refuse(reply, 'unauthorized', 'this VM is no longer known');
    const directives = wireWaiting(waiting, clock.wallMs());
    return reply.send({ logs: share(), directives } satisfies LogsResponse);
  });

  app.post('/v1/logs/whole', { onRequest: authorize.vm }, async (request, reply) => {
    const parsed = parseMessage(WholeLogRequest, request.body);
    if (!parsed.ok) return refuse(reply, parsed.code, parsed.message);
    const { vmId } = request;
    const { bootId, source, size } = parsed.value;
    const taken = await takeChunk(parsed.value);
    if (taken === undefined)
      return refuse(reply, 'bad-request', 'gzip: not as many bytes as length says');
    const receivedMs = clock.wallMs();
    const arrival = { vmId, bootId, source, size, ...taken, receivedMs };
    const nextByte = await storage.recordWholeLog(arrival);
    if (nextByte === undefined) return refuse(reply, 'unauthorized', 'this VM is no longer known');
    sending.heard(vmId, receivedMs);
    const answer: WholeLogResponse = { nextByte, pauseMs: wholeLogPauseMs(sending.size()) };
    return reply.send(answer);
  });
};
