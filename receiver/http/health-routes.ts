import type { FastifyInstance } from 'fastify';
import { messageOf } from '../../platform/errors.ts';
import type { Room } from './ports.ts';
import { refuse } from './refuse.ts';

/** `/healthz`: the process lives. `/readyz`: what it is told would be kept. */
export const addHealthRoutes = (app: FastifyInstance, { clock, log, storage }: Room): void => {
  app.get('/healthz', async () => ({ ok: true }));
  app.get('/readyz', async (_request, reply) => {
    try {
      await storage.checkWritable(clock.wallMs());
      return { ok: true };
    } catch (error) {
      log.error({ error: messageOf(error) }, 'the database is not writable');
      return refuse(reply, 'overloaded', 'the database is not writable');
    }
  });
};
