import type { FastifyInstance } from 'fastify';
import { LogsRequest, type LogsResponse } from '../../protocol/logs.ts';
import { logShare } from '../fleet/log-share.ts';
import { createAuthorizers } from './authorize.ts';
import { parseMessage } from './parse-body.ts';
import type { Room } from './ports.ts';
import { refuse } from './refuse.ts';

/** The logs that VMs send beside their heartbeats: `POST /v1/logs`. */
export const addVmLogRoutes = (
  app: FastifyInstance,
  { clock, storage, config, fleet }: Room,
): void => {
  const authorize = createAuthorizers(storage, config.operatorToken);
  const share = () => logShare(fleet.size(), config.paceMs);

  app.post('/v1/logs', { onRequest: authorize.vm }, async (request, reply) => {
    const parsed = parseMessage(LogsRequest, request.body);
    if (!parsed.ok) return refuse(reply, parsed.code, parsed.message);
    const { vmId } = request;
    const { bootId, logs: pieces } = parsed.value;
    const arrival = { vmId, bootId, pieces, receivedMs: clock.wallMs() };
    if (!(await storage.recordLogs(arrival)))
      return refuse(reply, 'unauthorized', 'this VM is no longer known');
    return reply.send({ logs: share() } satisfies LogsResponse);
  });
};
