import type { FastifyInstance } from 'fastify';
import { v7 as uuidV7 } from 'uuid';
import * as v from 'valibot';
import { Name } from '../../protocol/words.ts';
import { DirectiveOrder, planDirective } from '../directives/directive-order.ts';
import { directiveView } from '../directives/directive-view.ts';
import { FLEET_STATES, filterOf, fleetState } from '../fleet/fleet-state.ts';
import { historyView, vmDetail, vmSummary } from '../fleet/vm-view.ts';
import { createAuthorizers } from './authorize.ts';
import { findVm } from './find-vm.ts';
import { parseInput } from './parse-body.ts';
import type { Room } from './ports.ts';
import { queryLimit } from './query-limit.ts';
import { refuse } from './refuse.ts';

const ListQuery = v.strictObject({
  state: v.optional(v.picklist(FLEET_STATES)),
  cursor: v.optional(Name),
  limit: queryLimit(100),
});
const LimitQuery = v.strictObject({ limit: queryLimit(100) });

/** What operators ask and order: everything under `/v1/vms` but the logs. */
export const addOperatorRoutes = (app: FastifyInstance, room: Room): void => {
  const { clock, log, storage, config } = room;
  app.addHook('onRequest', createAuthorizers(storage, config.operatorToken).operator);

  app.get('/v1/vms', async (request, reply) => {
    const query = parseInput(ListQuery, request.query);
    if (!query.ok) return refuse(reply, query.code, query.message);
    const { state, cursor = '', limit } = query.value;
    const nowMs = clock.wallMs();
    const filter = state === undefined ? {} : filterOf(state, nowMs, config.stallAfterMs);
    const found = await storage.listVms(filter, cursor, limit + 1);
    const page = found.slice(0, limit);
    return {
      receiverTime: new Date(nowMs).toISOString(),
      vms: page.map(vm => vmSummary(vm, nowMs, config.stallAfterMs)),
      nextCursor: found.length > limit ? (page.at(-1)?.vmId ?? null) : null,
    };
  });

  app.get('/v1/vms/:vm', async (request, reply) => {
    const vm = await findVm(storage, request, reply);
    return vm === undefined ? reply : vmDetail(vm, clock.wallMs(), config.stallAfterMs);
  });

  app.get('/v1/vms/:vm/history', async (request, reply) => {
    const query = parseInput(LimitQuery, request.query);
    if (!query.ok) return refuse(reply, query.code, query.message);
    const vm = await findVm(storage, request, reply);
    if (vm === undefined) return reply;
    const entries = await storage.history(vm.vmId, query.value.limit);
    return { vmId: vm.vmId, history: entries.map(historyView) };
  });

  app.get('/v1/vms/:vm/directives', async (request, reply) => {
    const query = parseInput(LimitQuery, request.query);
    if (!query.ok) return refuse(reply, query.code, query.message);
    const vm = await findVm(storage, request, reply);
    if (vm === undefined) return reply;
    const directives = await storage.listDirectives(vm.vmId, query.value.limit);
    const nowMs = clock.wallMs();
    return { vmId: vm.vmId, directives: directives.map(each => directiveView(each, nowMs)) };
  });

  app.get('/v1/directives', async (request, reply) => {
    const query = parseInput(LimitQuery, request.query);
    if (!query.ok) return refuse(reply, query.code, query.message);
    const nowMs = clock.wallMs();
    const directives = await storage.listDirectives(undefined, query.value.limit);
    return { directives: directives.map(each => directiveView(each, nowMs)) };
  });

  app.post('/v1/vms/:vm/directives', async (request, reply) => {
    const order = parseInput(DirectiveOrder, request.body);
    if (!order.ok) return refuse(reply, order.code, order.message);
    const { value } = order;
    if (value.kind === 'pace' && 2 * value.everyMs > config.stallAfterMs)
      return refuse(
        reply,
        'bad-request',
        `everyMs: at this pace the VM would count as stalled, which it does after ${config.stallAfterMs} ms of silence; remedy: half of that at most`,
      );
    const vm = await findVm(storage, request, reply);
    if (vm === undefined) return reply;
    const nowMs = clock.wallMs();
    const id = uuidV7({ msecs: nowMs });
    const { vmId } = vm;
    const directive = planDirective(value, { id, vmId, address: request.ip, nowMs });
    await storage.addDirective(directive);
    const { wish, reason, by } = directive;
    log.info({ vmId, id, ...wish, reason, by }, 'directive');
    const state = fleetState(vm, nowMs, config.stallAfterMs);
    return reply.code(201).send({ id, vmId, hostname: vm.identity.hostname, state });
  });
};
