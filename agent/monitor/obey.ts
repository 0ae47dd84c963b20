import type { Acknowledgement } from '../../protocol/directive.ts';
import type { Context } from '../context/schema.ts';
import { later, type Moment, remainingMs } from '../moment.ts';
import type { Order } from './order.ts';
import { type Ending, KEPT_HANDLED, type MonitorState } from './state.ts';

type Obeyed = { ending: Ending | undefined; outcome: Acknowledgement['outcome']; detail: string };

const sooner = (a: Moment, b: Moment, now: Moment): Moment =>
  remainingMs(a, now) <= remainingMs(b, now) ? a : b;

const drain = (
  ending: Ending | undefined,
  order: Order,
  now: Moment,
  drainDeadline: number,
): Obeyed => {
  if (ending?.kind === 'halt') return { ending, outcome: 'done', detail: 'halting already' };
  const deadline = later(order.receivedAt, order.deadlineMs ?? drainDeadline);
  if (ending?.kind === 'drain')
    return {
      ending: { ...ending, deadline: sooner(ending.deadline, deadline, now) },
      outcome: 'done',
      detail: 'draining already; the sooner deadline holds',
    };
  return {
    ending: { kind: 'drain', since: now, deadline, by: order.source, reason: order.reason },
    outcome: 'done',
    detail: '',
  };
};

const undrain = (ending: Ending | undefined): Obeyed =>
  ending?.kind === 'halt'
    ? { ending, outcome: 'refused', detail: 'a halt cannot be taken back' }
    : { ending: undefined, outcome: 'done', detail: '' };

const halt = (ending: Ending | undefined, order: Order, now: Moment): Obeyed => {
  const mode = order.mode ?? 'graceful';
  if (ending?.kind !== 'halt')
    return {
      ending: { kind: 'halt', since: now, mode, by: order.source, reason: order.reason },
      outcome: 'done',
      detail: '',
    };
  return {
    ending: mode === 'now' ? { ...ending, mode } : ending,
    outcome: 'done',
    detail: 'halting already',
  };
};

const obeyOne = (
  ending: Ending | undefined,
  order: Order,
  now: Moment,
  context: Context,
): Obeyed => {
  if (order.expiresAt !== undefined && remainingMs(order.expiresAt, now) <= 0)
    return { ending, outcome: 'expired', detail: 'it expired before it was seen' };
  switch (order.kind) {
    case 'drain':
      return drain(ending, order, now, context.ending.drainDeadline);
    case 'undrain':
      return undrain(ending);
    case 'halt':
      return halt(ending, order, now);
    case 'unknown':
      return { ending, outcome: 'unknown-kind', detail: 'this agent does not know that kind' };
  }
};

/** Obeys each order once, however often and in whatever order they come. */
export const obey = (
  state: MonitorState,
  orders: readonly Order[],
  now: Moment,
  context: Context,
): MonitorState =>
  orders.reduce((before, order) => {
    if (before.handled.some(({ id }) => id === order.id)) return before;
    const { ending, outcome, detail } = obeyOne(before.ending, order, now, context);
    const handled = [...before.handled, { id: order.id, outcome, detail }].slice(-KEPT_HANDLED);
    const { ending: _replaced, ...rest } = before;
    return { ...rest, handled, ...(ending === undefined ? {} : { ending }) };
  }, state);
