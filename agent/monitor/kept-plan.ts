import * as v from 'valibot';
import { PLAN_KINDS, type Plan } from '../../protocol/plan.ts';
import { isNear, later, Moment, remainingMs } from '../moment.ts';

/** A plan of the receiver's, at moments of this VM's own. */
export const KeptPlan = v.object({
  kind: v.picklist(PLAN_KINDS),
  from: Moment,
  until: v.optional(Moment),
  reason: v.string(),
});
export type KeptPlan = v.InferOutput<typeof KeptPlan>;

/** What two heartbeats may differ by, of one and the same moment. */
const TOLERANCE_MS = 5000;
const MAX_REASON_CHARS = 200;

const isSame = (a: Moment | undefined, b: Moment | undefined, now: Moment): boolean =>
  a === undefined || b === undefined ? a === b : isNear(a, b, now, TOLERANCE_MS);

/** Of what has begun only that is told. */
const isSameBeginning = (a: Moment, b: Moment, now: Moment): boolean =>
  isSame(a, b, now) || (remainingMs(a, now) <= 0 && remainingMs(b, now) <= 0);

/**
 * The plans of an answer that came now. One that was known keeps its moments, so that what a message took
 * on its way moves nothing. Pure.
 */
export const keepPlans = (
  known: readonly KeptPlan[],
  told: readonly Plan[],
  now: Moment,
): KeptPlan[] =>
  told.map(({ kind, startsInMs, endsInMs, reason }) => {
    const plan: KeptPlan = {
      ...{ kind, from: later(now, startsInMs), reason: reason.slice(0, MAX_REASON_CHARS) },
      ...(endsInMs === undefined ? {} : { until: later(now, endsInMs) }),
    };
    const before = known.find(
      each =>
        each.kind === kind &&
        each.reason === plan.reason &&
        isSameBeginning(each.from, plan.from, now) &&
        isSame(each.until, plan.until, now),
    );
    return before ?? plan;
  });
