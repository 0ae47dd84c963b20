import type { FastifyInstance } from 'fastify';
import * as v from 'valibot';
import { Name } from '../../protocol/words.ts';
import { isoTime } from '../fleet/vm-view.ts';
import { createAuthorizers } from './authorize.ts';
import { findVm } from './find-vm.ts';
import { parseInput } from './parse-body.ts';
import type { Room } from './ports.ts';
import { refuse } from './refuse.ts';

const LogQuery = v.strictObject({
  source: v.optional(Name),
  fromByte: v.optional(
    v.pipe(
      v.string(),
      v.regex(/^\d{1,16}$/, 'must be a whole number'),
      v.transform(Number),
      v.safeInteger('must be a whole number'),
    ),
    '0',
  ),
});

/** `GET /v1/vms/:vm/logs`: the sources; with `source`, the first unbroken stretch from a byte on. */
export const addLogRoutes = (app: FastifyInstance, { storage, config }: Room): void => {
  app.addHook('onRequest', createAuthorizers(storage, config.operatorToken).operator);

  app.get('/v1/vms/:vm/logs', async (request, reply) => {
    const query = parseInput(LogQuery, request.query);
    if (!query.ok) return refuse(reply, query.code, query.message);
    const vm = await findVm(storage, request, reply);
    if (vm === undefined) return reply;
    const { vmId } = vm;
    const { source, fromByte: wanted } = query.value;
    const sources = await storage.logSources(vmId);
    if (source === undefined)
      return {
        vmId,
        sources: sources.map(({ updatedMs, ...each }) => ({
          ...each,
          updatedAt: isoTime(updatedMs),
        })),
      };
    if (!sources.some(each => each.source === source)) {
      const known = sources.map(each => each.source).join(', ') || 'none yet';
      return refuse(reply, 'not-found', `no log "${source}" of this VM; there are: ${known}`);
    }
    const stretch = await storage.readLog(vmId, source, wanted);
    const fromByte = stretch?.fromByte ?? wanted;
    const text = Buffer.from(stretch?.bytes ?? []).toString('utf8');
    return { vmId, source, fromByte, nextByte: fromByte + (stretch?.bytes.length ?? 0), text };
  });
};
