import type { Context } from '../../context/schema.ts';
import { later, type Moment, sooner } from '../../moment.ts';
import { causesOf, withCause, withoutCauses } from '../drain-causes.ts';
import type { Order } from '../order.ts';
import type { DrainCause, Ending, MonitorState } from '../state.ts';
import { isLaterThan } from './given.ts';
import { done, type Obeyed, refuse } from './obeyed.ts';

/** Longer ids are told apart by their beginning. */
const ID_CHARS = 64;

const withEnding = (state: MonitorState, ending: Ending | undefined): MonitorState => {
  const { ending: _replaced, ...rest } = state;
  return ending === undefined ? rest : { ...rest, ending };
};

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
  const { source: by, reason } = order;
  const id = order.id.slice(0, ID_CHARS);
  const asked = later(order.receivedAt, order.deadlineMs ?? drainDeadline);
  // The latch knows it, also where nothing else could be written down; that it comes again gives no more time.
  const known = causesOf(ending).find(cause => cause.by === by && cause.order === id);
  const deadline = known === undefined ? asked : sooner(known.deadline, asked, now);
  const cause = { by, since: now, deadline, reason, order: id };
  return done(
    withEnding(state, withCause(ending, cause, now)),
    ending === undefined ? '' : 'draining already; the sooner deadline holds',
  );
};

/** What people ordered before, whoever did; a drain that was given later stands, also where it came first. */
const isTakenBackBy =
  (undrain: Order) =>
  ({ by, order: id = '' }: DrainCause): boolean =>
    (by === 'operator' || by === 'receiver') && !isLaterThan({ id, source: by }, undrain);

/** Takes back what was ordered before it. The drains of policies are theirs. */
export const obeyUndrain = (state: MonitorState, order: Order, now: Moment): Obeyed => {
  const { ending } = state;
  if (ending?.kind === 'halt') return refuse(state, 'a halt cannot be taken back');
  const before = state.undrained?.[order.source];
  const isNewest = before === undefined || !isLaterThan({ ...order, id: before }, order);
  const known: MonitorState = isNewest
    ? { ...state, undrained: { ...state.undrained, [order.source]: order.id.slice(0, ID_CHARS) } }
    : state;
  const left = withoutCauses(ending, isTakenBackBy(order), now);
  const others = causesOf(left);
  const isOrdered = others.some(({ order }) => order !== undefined);
  const still =
    others.length === 0 ? '' : `still drained by ${others.map(({ by }) => by).join(', ')}`;
  return done(withEnding(known, left), isOrdered ? 'a drain that was given later stands' : still);
};

/** `now` is the stronger word, in whatever order they come. */
export const obeyHalt = (state: MonitorState, order: Order, now: Moment): Obeyed => {
  const { ending } = state;
  const { source: by, reason, mode = 'graceful' } = order;
  if (ending?.kind !== 'halt')
    return done(withEnding(state, { kind: 'halt', since: now, mode, by, reason }));
  return done(mode === 'now' ? withEnding(state, { ...ending, mode }) : state, 'halting already');
};
