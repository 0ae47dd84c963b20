import * as v from 'valibot';
import { later, Moment, remainingMs } from '../../moment.ts';
import type { Order } from '../order.ts';
import type { MonitorState } from '../state.ts';
import { givenBy, isLaterThan } from './given.ts';
import { done, type Obeyed } from './obeyed.ts';

/** How far apart heartbeats are for a while, by whose order. */
export const Pace = v.object({
  id: v.string(),
  source: v.picklist(['operator', 'receiver']),
  everyMs: v.number(),
  until: Moment,
});
export type Pace = v.InferOutput<typeof Pace>;

/** The pace that was given last holds. One that has run out is kept, so that an older one does not take its place. */
export const obeyPace = (state: MonitorState, order: Order): Obeyed => {
  const { pace } = state;
  if (pace !== undefined && isLaterThan(pace, order))
    return done(state, 'another pace was given later');
  const { everyMs = 0, forMs = 0, receivedAt } = order;
  const until = later(receivedAt, forMs);
  return done({ ...state, pace: { ...givenBy(order), everyMs, until } });
};

/** ms between two heartbeats by order; `undefined` where there is none. */
export const paceNow = (pace: Pace | undefined, now: Moment): number | undefined =>
  pace === undefined || remainingMs(pace.until, now) <= 0 ? undefined : pace.everyMs;
