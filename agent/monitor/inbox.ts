import * as v from 'valibot';
import type { Files } from '../../platform/files.ts';
import type { Log } from '../../platform/log.ts';
import { parseJson } from '../../platform/parse-json.ts';
import { type Directive, isKnownDirective } from '../../protocol/directive.ts';
import {
  COLLECT_LOGS,
  END_PILOT,
  REDISCOVER_SQUIDS,
  RELOAD_CONTEXT,
  SIGNAL,
} from '../../protocol/order-fields.ts';
import { later, type Moment } from '../moment.ts';
import { PATHS } from '../paths.ts';
import type { Order } from './order.ts';

const left = { schemaVersion: v.literal(1), id: v.string(), reason: v.string() };
/** An order as the command line leaves it for the agent. */
const Request = v.variant('kind', [
  v.object({ ...left, kind: v.literal('drain'), deadlineMs: v.optional(v.number()) }),
  v.object({ ...left, kind: v.literal('undrain') }),
  v.object({
    ...left,
    kind: v.literal('halt'),
    mode: v.optional(v.picklist(['graceful', 'now'])),
  }),
  v.object({ ...left, ...END_PILOT }),
  v.object({ ...left, ...SIGNAL }),
  v.object({ ...left, ...COLLECT_LOGS }),
  v.object({ ...left, ...REDISCOVER_SQUIDS }),
  v.object({ ...left, ...RELOAD_CONTEXT }),
]);
type Request = v.InferInput<typeof Request>;
type Bare<R> = R extends Request ? Omit<R, 'schemaVersion' | 'id'> : never;
export type OperatorRequest = Bare<Request>;

/** Leaves an order where the agent, running now or started later in this boot, finds it. */
export const leaveRequest = async (
  files: Files,
  request: OperatorRequest,
  nowMs = Date.now(),
): Promise<string> => {
  // Whoever runs on only reads what is left; whoever leaves it ends.
  const { v7 } = await import('uuid');
  // So that orders of this machine sort as they were given: UUIDv7 (RFC 9562).
  const id = `local-${v7({ msecs: nowMs })}`;
  if ((await files.facts(PATHS.run)) === undefined)
    await files.makeDirectory(PATHS.run, { mode: 0o755 });
  await files.makeDirectory(PATHS.requests, { mode: 0o700 });
  const content = JSON.stringify({ schemaVersion: 1, id, ...request });
  await files.write(`${PATHS.requests}/${id}.json`, content, { mode: 0o600 });
  return id;
};

/** The receiver's words as an order; its times count from this moment on. */
export const toOrder = (directive: Directive, receivedAt: Moment): Order => {
  const { id, reason } = directive;
  const expiresAt = later(receivedAt, directive.expiresInMs);
  const head = { id, source: 'receiver' as const, reason, receivedAt, expiresAt };
  // A look changes nothing that is decided; whoever carries those out takes them before.
  if (!isKnownDirective(directive) || directive.kind === 'peek')
    return { ...head, kind: 'unknown' };
  const { expiresInMs: _, ...said } = directive;
  return { ...said, ...head };
};

/** Where orders wait for the next tick. */
export interface Inbox {
  /** From the receiver. */
  put(directives: readonly Directive[], now: Moment): void;
  /** All that wait. They stay until `settle`, so that nothing is lost between tick and disk. */
  read(now: Moment): Promise<Order[]>;
  settle(orders: readonly Order[]): Promise<void>;
}

const isRequestFile = (name: string): boolean => /^local-[0-9a-f-]{36}\.json$/.test(name);

export const createInbox = (files: Files, log: Log): Inbox => {
  let fromReceiver: Order[] = [];

  const parseRequest = (name: string, text: string, now: Moment): Order | undefined => {
    const request = parseJson(Request, text);
    if (request === undefined) {
      log.warn({ name }, 'a request cannot be understood and is dropped');
      return undefined;
    }
    const { schemaVersion: _, ...order } = request;
    return { ...order, source: 'operator', receivedAt: now };
  };

  return {
    put: (directives, now) => {
      const waiting = new Set(fromReceiver.map(({ id }) => id));
      fromReceiver.push(
        ...directives
          .filter(({ id }) => !waiting.has(id))
          .map(directive => toOrder(directive, now)),
      );
    },
    read: async now => {
      const orders = [...fromReceiver];
      for (const name of (await files.list(PATHS.requests)).filter(isRequestFile)) {
        const text = await files.read(`${PATHS.requests}/${name}`, 16 * 1024);
        const order = text === undefined ? undefined : parseRequest(name, text, now);
        if (order === undefined) await files.remove(`${PATHS.requests}/${name}`);
        else orders.push(order);
      }
      return orders;
    },
    settle: async orders => {
      const done = new Set(orders.map(({ id }) => id));
      fromReceiver = fromReceiver.filter(({ id }) => !done.has(id));
      for (const { id, source } of orders)
        if (source === 'operator') await files.remove(`${PATHS.requests}/${id}.json`);
    },
  };
};
