import type { Context } from '../context/schema.ts';
import { type Moment, remainingMs } from '../moment.ts';
import type { Order } from './order.ts';
import { obeyEndPilot } from './orders/obey-end-pilot.ts';
import { obeyDrain, obeyHalt, obeyUndrain } from './orders/obey-ending.ts';
import { obeyErrand } from './orders/obey-errand.ts';
import type { Obeyed } from './orders/obeyed.ts';
import { obeyPace } from './orders/pace.ts';
import { KEPT_HANDLED, type MonitorState } from './state.ts';

const obeyOne = (state: MonitorState, order: Order, now: Moment, context: Context): Obeyed => {
  if (order.expiresAt !== undefined && remainingMs(order.expiresAt, now) <= 0)
    return { state, end: { outcome: 'expired', detail: 'it expired before it was seen' } };
  switch (order.kind) {
    case 'drain':
      return obeyDrain(state, order, now, context);
    case 'undrain':
      return obeyUndrain(state, order, now);
    case 'halt':
      return obeyHalt(state, order, now);
    case 'end-pilot':
      return obeyEndPilot(state, order);
    case 'pace':
      return obeyPace(state, order);
    case 'signal':
    case 'collect-logs':
    case 'rediscover-squids':
    case 'reload-context':
      return obeyErrand(state, order);
    case 'unknown': {
      const detail = 'this agent does not know that kind';
      return { state, end: { outcome: 'unknown-kind', detail } };
    }
  }
};

/** An order that was obeyed, or is being carried out. */
export const isKnown = ({ handled, errands = [] }: MonitorState, { id }: Order): boolean =>
  handled.some(known => known.id === id) || errands.some(known => known.id === id);

/** Obeys each order once, however often and in whatever order they come. */
export const obey = (
  state: MonitorState,
  orders: readonly Order[],
  now: Moment,
  context: Context,
): MonitorState =>
  orders.reduce((before, order) => {
    if (isKnown(before, order)) return before;
    const { state: after, end } = obeyOne(before, order, now, context);
    if (end === undefined) return after;
    return { ...after, handled: [...after.handled, { id: order.id, ...end }].slice(-KEPT_HANDLED) };
  }, state);
