import { isNear, type Moment, sooner } from '../moment.ts';
import type { DrainCause, Ending } from './state.ts';

/**
 * A VM may be drained by several at once: by orders of an operator or its receiver, by each of its policies.
 * No policy takes back another's drain nor one that was ordered, no order one of a policy; the soonest deadline
 * holds. Pure.
 */

/** A state that an older agent left has only the first. */
export const causesOf = (ending: Ending | undefined): readonly DrainCause[] => {
  if (ending?.kind !== 'drain') return [];
  const { by, since, deadline, reason } = ending;
  return ending.causes ?? [{ by, since, deadline, reason }];
};

const drainBy = (causes: readonly DrainCause[], now: Moment): Ending | undefined => {
  const [first] = causes;
  if (first === undefined) return undefined;
  const deadline = causes.reduce((best, next) => sooner(best, next.deadline, now), first.deadline);
  const { by, since, reason } = first;
  const graces = causes.flatMap(({ graceMs }) => graceMs ?? []);
  const hasty = graces.length === 0 ? {} : { graceMs: Math.min(...graces) };
  return { kind: 'drain', by, since, reason, deadline, ...hasty, causes: [...causes] };
};

/** What a deadline may move by without being another. */
const TOLERANCE_MS = 1000;

/** As many orders as the latch has room for. */
export const KEPT_ORDERS = 6;

/** Of more orders the oldest becomes a part of the next one. */
const inBounds = (causes: readonly DrainCause[], now: Moment): readonly DrainCause[] => {
  const [oldest, next, ...ordered] = causes.filter(({ order }) => order !== undefined);
  if (oldest === undefined || next === undefined || ordered.length + 2 <= KEPT_ORDERS)
    return causes;
  const merged = { ...next, deadline: sooner(oldest.deadline, next.deadline, now) };
  return causes.flatMap(each => {
    if (each === oldest) return [];
    return each === next ? merged : each;
  });
};

/** The same drain with this cause; one that its owner has given before keeps its begin, and its reason unless it moves. */
export const withCause = (
  ending: Ending | undefined,
  cause: DrainCause,
  now: Moment,
): Ending | undefined => {
  if (ending?.kind === 'halt') return ending;
  const causes = causesOf(ending);
  const known = causes.find(({ by, order }) => by === cause.by && order === cause.order);
  if (
    known !== undefined &&
    known.graceMs === cause.graceMs &&
    isNear(known.deadline, cause.deadline, now, TOLERANCE_MS)
  )
    return ending;
  return drainBy(
    known === undefined
      ? inBounds([...causes, cause], now)
      : causes.map(each => (each === known ? { ...cause, since: known.since } : each)),
    now,
  );
};

/** The same drain without the causes that are over; `undefined` once there is none. */
export const withoutCauses = (
  ending: Ending | undefined,
  isOver: (cause: DrainCause) => boolean,
  now: Moment,
): Ending | undefined => {
  const causes = causesOf(ending);
  if (!causes.some(isOver)) return ending;
  return drainBy(
    causes.filter(cause => !isOver(cause)),
    now,
  );
};
