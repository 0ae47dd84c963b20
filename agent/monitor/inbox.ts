import { randomUUID } from 'node:crypto';
import * as v from 'valibot';
import type { Files } from '../../platform/files.ts';
import type { Log } from '../../platform/log.ts';
import { parseJson } from '../../platform/parse-json.ts';
import { type Directive, isKnownDirective } from '../../protocol/directive.ts';
import { later, type Moment } from '../moment.ts';
import { PATHS } from '../paths.ts';
import type { Order } from './order.ts';

/** An order as the command line leaves it for the agent. */
const Request = v.object({
  schemaVersion: v.literal(1),
  id: v.string(),
  kind: v.picklist(['drain', 'undrain', 'halt']),
  reason: v.string(),
  deadlineMs: v.optional(v.number()),
  mode: v.optional(v.picklist(['graceful', 'now'])),
});
export type OperatorRequest = Omit<v.InferOutput<typeof Request>, 'schemaVersion' | 'id'>;

/** Leaves an order where the agent, running now or started later in this boot, finds it. */
export const leaveRequest = async (files: Files, request: OperatorRequest): Promise<string> => {
  const id = `local-${randomUUID()}`;
  if ((await files.facts(PATHS.run)) === undefined)
    await files.makeDirectory(PATHS.run, { mode: 0o755 });
  await files.makeDirectory(PATHS.requests, { mode: 0o700 });
  const content = JSON.stringify({ schemaVersion: 1, id, ...request });
  await files.write(`${PATHS.requests}/${id}.json`, content, { mode: 0o600 });
  return id;
};

/** The receiver's words as an order; its times count from this moment on. */
export const toOrder = (directive: Directive, receivedAt: Moment): Order => {
  const common = {
    id: directive.id,
    source: 'receiver' as const,
    reason: directive.reason,
    receivedAt,
    expiresAt: later(receivedAt, directive.expiresInMs),
  };
  if (!isKnownDirective(directive)) return { ...common, kind: 'unknown' };
  if (directive.kind === 'drain')
    return { ...common, kind: 'drain', deadlineMs: directive.deadlineMs };
  if (directive.kind === 'halt') return { ...common, kind: 'halt', mode: directive.mode };
  if (directive.kind === 'undrain') return { ...common, kind: 'undrain' };
  // A look changes nothing that is decided; whoever carries those out takes them before.
  return { ...common, kind: 'unknown' };
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
