import type { Context } from '../../context/schema.ts';
import { later, type Moment, remainingMs } from '../../moment.ts';
import type { Order } from '../order.ts';
import type { Ending, MonitorState } from '../state.ts';
import { givenBy, isLaterThan } from './given.ts';
import { done, type Obeyed, refuse } from './obeyed.ts';

type Drain = Extract<Ending, { kind: 'drain' }>;
type DrainOrder = NonNullable<Drain['orders']>[number];

/** As many as the latch has room for; who gives more drains than that at once means the last ones. */
const KEPT_DRAINS = 6;

const withEnding = (state: MonitorState, ending: Ending | undefined): MonitorState => {
  const { ending: _replaced, ...rest } = state;
  return ending === undefined ? rest : { ...rest, ending };
};

/** Of two drains the sooner deadline holds. */
const sooner = (a: Moment, b: Moment, now: Moment): Moment =>
  remainingMs(a, now) <= remainingMs(b, now) ? a : b;

/** Running pilots may go on until a deadline, no other starts; it is remembered which orders say so. */
export const obeyDrain = (
  state: MonitorState,
  order: Order,
  now: Moment,
  { ending: { drainDeadline } }: Pick<Context, 'ending'>,
): Obeyed => {
  const { ending } = state;
  if (ending?.kind === 'halt') return done(state, 'halting already');
  const takenBackBy = state.undrained?.[order.source];
  if (takenBackBy !== undefined && isLaterThan({ ...order, id: takenBackBy }, order))
    return done(state, 'it has been taken back already, by an undrain that was given later');
  const deadline = later(order.receivedAt, order.deadlineMs ?? drainDeadline);
  const orders: DrainOrder[] = [
    ...(ending?.orders ?? []),
    { ...givenBy(order), id: order.id.slice(0, 64), deadline },
  ].slice(-KEPT_DRAINS);
  if (ending === undefined) {
    const { source: by, reason } = order;
    return done(withEnding(state, { kind: 'drain', since: now, deadline, by, reason, orders }));
  }
  const holds = sooner(ending.deadline, deadline, now);
  return done(
    withEnding(state, { ...ending, deadline: holds, orders }),
    'draining already; the sooner deadline holds',
  );
};

/** Takes back what was given before it; a drain that was given later stands, also where it came first. */
export const obeyUndrain = (state: MonitorState, order: Order, now: Moment): Obeyed => {
  const { ending } = state;
  if (ending?.kind === 'halt') return refuse(state, 'a halt cannot be taken back');
  const before = state.undrained?.[order.source];
  const isNewest = before === undefined || !isLaterThan({ ...order, id: before }, order);
  const known: MonitorState = isNewest
    ? { ...state, undrained: { ...state.undrained, [order.source]: order.id.slice(0, 64) } }
    : state;
  const left = (ending?.orders ?? []).filter(drain => isLaterThan(drain, order));
  const [first] = left;
  if (ending === undefined || first === undefined) return done(withEnding(known, undefined));
  const deadline = left.reduce(
    (soonest, drain) => sooner(soonest, drain.deadline, now),
    first.deadline,
  );
  return done(
    withEnding(known, { ...ending, deadline, orders: left }),
    'a drain that was given later stands',
  );
};

/** `now` is the stronger word, in whatever order they come. */
export const obeyHalt = (state: MonitorState, order: Order, now: Moment): Obeyed => {
  const { ending } = state;
  const { source: by, reason, mode = 'graceful' } = order;
  if (ending?.kind !== 'halt')
    return done(withEnding(state, { kind: 'halt', since: now, mode, by, reason }));
  return done(mode === 'now' ? withEnding(state, { ...ending, mode }) : state, 'halting already');
};
