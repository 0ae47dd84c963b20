import type { FastifyInstance } from 'fastify';
import * as v from 'valibot';
import { Name, Text } from '../../protocol/words.ts';
import { askDeletion, endDeletion, openDeletion } from '../fleet/deletion.ts';
import { billedVm, deletionView } from '../fleet/deletion-view.ts';
import { FLEET_STATES, filterOf, fleetState } from '../fleet/fleet-state.ts';
import { hookCallView } from '../fleet/hook-call-view.ts';
import type { VmRecord } from '../fleet/vm-record.ts';
import { createAuthorizers } from './authorize.ts';
import { findVm } from './find-vm.ts';
import { parseInput } from './parse-body.ts';
import type { Room } from './ports.ts';
import { queryLimit } from './query-limit.ts';
import { refuse } from './refuse.ts';

/** States in which a VM is billed, or may be, and does nothing for it. */
const BILLED = ['to-be-deleted', 'deleting', 'stalled'] as const;

const ListQuery = v.strictObject({
  state: v.optional(v.picklist(BILLED)),
  cursor: v.optional(Name),
  limit: queryLimit(1000),
});

const Order = v.strictObject({
  /** `delete`: have it deleted; `deleted`: the cloud has confirmed that it is gone. */
  action: v.picklist(['delete', 'deleted']),
  /** Who says so. */
  by: v.optional(Text, ''),
  reason: v.optional(Text, ''),
});
type Order = v.InferOutput<typeof Order>;

/** Why an operator may not have it deleted, or say that it is gone: it speaks. */
const refusalOf = (vm: VmRecord, nowMs: number, stallAfterMs: number): string | undefined => {
  if (vm.deletion !== undefined) return undefined;
  const state = fleetState(vm, nowMs, stallAfterMs);
  if (state === 'halted' || state === 'stalled') return undefined;
  return `this VM is ${state} and was heard just now: halt it first, and it will be deleted once it is off`;
};

const ordered = (vm: VmRecord, { action }: Order, detail: string, nowMs: number): VmRecord => {
  const { guard: _, ...rest } = vm;
  return {
    ...rest,
    deletion:
      action === 'delete'
        ? askDeletion(vm.deletion, nowMs)
        : endDeletion(vm.deletion ?? openDeletion('operator', nowMs), detail, nowMs),
  };
};

/** VMs that are billed for nothing: which, what is known of them, and what an operator says of them. */
export const addDeletionRoutes = (app: FastifyInstance, room: Room): void => {
  const { clock, log, storage, config, deletions } = room;
  const { stallAfterMs } = config;
  app.addHook('onRequest', createAuthorizers(storage, config.operatorToken).operator);

  app.get('/v1/deletions', async (request, reply) => {
    const query = parseInput(ListQuery, request.query);
    if (!query.ok) return refuse(reply, query.code, query.message);
    const { state, cursor = '', limit } = query.value;
    const nowMs = clock.wallMs();
    const states = FLEET_STATES.filter(each =>
      state === undefined ? BILLED.some(billed => billed === each) : each === state,
    );
    const found: VmRecord[] = [];
    for (const each of states)
      found.push(
        ...(await storage.listVms(filterOf(each, nowMs, stallAfterMs), cursor, limit + 1)),
      );
    found.sort((a, b) => (a.vmId < b.vmId ? -1 : 1));
    const page = found.slice(0, limit);
    return {
      receiverTime: new Date(nowMs).toISOString(),
      hasHook: config.deletions?.hook !== undefined,
      vms: page.map(vm => billedVm(vm, nowMs, stallAfterMs)),
      nextCursor: found.length > limit ? (page.at(-1)?.vmId ?? null) : null,
    };
  });

  app.get('/v1/vms/:vm/deletion', async (request, reply) => {
    const vm = await findVm(storage, request, reply);
    if (vm === undefined) return reply;
    const calls = await storage.listHookCalls(vm.vmId, 100);
    return { ...billedVm(vm, clock.wallMs(), stallAfterMs), calls: calls.map(hookCallView) };
  });

  app.post('/v1/vms/:vm/deletion', async (request, reply) => {
    const order = parseInput(Order, request.body);
    if (!order.ok) return refuse(reply, order.code, order.message);
    const vm = await findVm(storage, request, reply);
    if (vm === undefined) return reply;
    const nowMs = clock.wallMs();
    const { vmId } = vm;
    const { action, by, reason } = order.value;
    const who = by === '' ? request.ip : `${by} at ${request.ip}`;
    const said = action === 'delete' ? 'asked by' : 'said to be gone by';
    const detail = `${said} ${who}${reason === '' ? '' : `: ${reason}`}`;
    let refusal = refusalOf(vm, nowMs, stallAfterMs);
    if (refusal !== undefined) return refuse(reply, 'bad-request', refusal);
    const after = await storage.changeVm(
      vmId,
      now => {
        refusal = refusalOf(now, nowMs, stallAfterMs);
        return refusal === undefined ? ordered(now, order.value, detail, nowMs) : now;
      },
      {
        ...{ vmId, atMs: nowMs, tookMs: 0, detail },
        event: action === 'delete' ? 'delete-asked' : 'said-deleted',
      },
    );
    if (after === undefined) return refuse(reply, 'not-found', 'this VM is no longer known');
    if (refusal !== undefined) return refuse(reply, 'bad-request', refusal);
    log.info({ vmId, action, by: who, reason }, 'deletion');
    deletions.nudge();
    return {
      vmId,
      hostname: vm.identity.hostname,
      hasHook: config.deletions?.hook !== undefined,
      deletion: deletionView(after),
    };
  });
};
