import type { FastifyInstance } from 'fastify';
import { v7 as uuidV7 } from 'uuid';
import * as v from 'valibot';
import { LIMITS } from '../../protocol/limits.ts';
import { PeekAnswer, type PeekReceipt } from '../../protocol/peek.ts';
import { fleetState } from '../fleet/fleet-state.ts';
import { JITTER } from '../fleet/pace.ts';
import { PeekOrder, planPeek } from '../peeks/peek-order.ts';
import { peekReply, peekStatus, peekView } from '../peeks/peek-view.ts';
import { createAuthorizers } from './authorize.ts';
import { findVm } from './find-vm.ts';
import { parseInput, parseMessage } from './parse-body.ts';
import type { Room } from './ports.ts';
import { queryLimit } from './query-limit.ts';
import { refuse } from './refuse.ts';

const ListQuery = v.strictObject({ limit: queryLimit(100) });

/** Looks at pilots, for operators: ask, read the answer, and who has looked at what. */
export const addPeekRoutes = (app: FastifyInstance, room: Room): void => {
  const { clock, log, storage, config, desk } = room;
  app.addHook('onRequest', createAuthorizers(storage, config.operatorToken).operator);

  app.post('/v1/vms/:vm/peeks', async (request, reply) => {
    const order = parseInput(PeekOrder, request.body);
    if (!order.ok) return refuse(reply, order.code, order.message);
    const vm = await findVm(storage, request, reply);
    if (vm === undefined) return reply;
    const { vmId } = vm;
    const nowMs = clock.wallMs();
    const before = await storage.listPeeks(vmId, LIMITS.peeks);
    const isWaiting = (status: string): boolean => status === 'pending' || status === 'sent';
    if (before.length === LIMITS.peeks && before.every(peek => isWaiting(peekStatus(peek, nowMs))))
      return refuse(reply, 'overloaded', `${LIMITS.peeks} looks at this VM are waiting already`);
    const usualMs = config.paceMs * (1 + JITTER);
    const paceMs = desk.paceMs(vmId, usualMs, nowMs);
    const id = uuidV7({ msecs: nowMs });
    const asked = { id, vmId, address: request.ip, paceMs: config.paceMs, nowMs };
    const peek = planPeek(order.value, asked);
    await storage.addPeek(peek);
    desk.watch(vmId, nowMs);
    log.info({ vmId, id, ...peek.question, by: peek.by }, 'peek asked');
    const heardMsAgo = Math.max(0, nowMs - vm.lastHeardMs);
    return reply.code(201).send({
      id,
      vmId,
      hostname: vm.identity.hostname,
      state: fleetState(vm, nowMs, config.stallAfterMs),
      /** Until the VM is expected to report, at most. */
      withinMs: Math.round(Math.max(0, paceMs - heardMsAgo)),
    });
  });

  app.get('/v1/vms/:vm/peeks/:id', async (request, reply) => {
    const vm = await findVm(storage, request, reply);
    if (vm === undefined) return reply;
    const { id } = request.params as { id: string };
    const peek = await storage.peek(vm.vmId, id);
    if (peek === undefined) return refuse(reply, 'not-found', 'this VM was not looked at so');
    const nowMs = clock.wallMs();
    desk.watch(vm.vmId, nowMs);
    return peekReply(peek, desk.answer(id, nowMs), nowMs);
  });

  app.get('/v1/vms/:vm/peeks', async (request, reply) => {
    const query = parseInput(ListQuery, request.query);
    if (!query.ok) return refuse(reply, query.code, query.message);
    const vm = await findVm(storage, request, reply);
    if (vm === undefined) return reply;
    const nowMs = clock.wallMs();
    const peeks = await storage.listPeeks(vm.vmId, query.value.limit);
    return { peeks: peeks.map(peek => peekView(peek, nowMs)) };
  });

  app.get('/v1/peeks', async (request, reply) => {
    const query = parseInput(ListQuery, request.query);
    if (!query.ok) return refuse(reply, query.code, query.message);
    const nowMs = clock.wallMs();
    const peeks = await storage.listPeeks(undefined, query.value.limit);
    return { peeks: peeks.map(peek => peekView(peek, nowMs)) };
  });
};

/** What VMs have seen: `POST /v1/peeks/:id`, of a look at that very VM that still waits. */
export const addVmPeekRoutes = (app: FastifyInstance, room: Room): void => {
  const { clock, log, storage, config, desk } = room;
  const authorize = createAuthorizers(storage, config.operatorToken);

  app.post('/v1/peeks/:id', { onRequest: authorize.vm }, async (request, reply) => {
    const parsed = parseMessage(PeekAnswer, request.body);
    if (!parsed.ok) return refuse(reply, parsed.code, parsed.message);
    const { vmId } = request;
    const { id } = request.params as { id: string };
    const { unit, text } = parsed.value;
    const nowMs = clock.wallMs();
    const end = { outcome: 'done', detail: '', unit, chars: text.length, endedMs: nowMs } as const;
    if (!(await storage.endPeek(vmId, id, end)))
      return refuse(reply, 'not-found', 'nobody waits for this');
    desk.put(id, parsed.value, nowMs);
    log.info({ vmId, id, unit, chars: text.length }, 'peek answered');
    return reply.send({ ok: true } satisfies PeekReceipt);
  });
};
