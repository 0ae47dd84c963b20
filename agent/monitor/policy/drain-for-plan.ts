import { formatDuration } from '../../../platform/duration.ts';
import type { PlanKind } from '../../../protocol/plan.ts';
import { later, remainingMs } from '../../moment.ts';
import type { Judgement, PolicyInput } from './policy.ts';

/**
 * Drains early enough that a typical payload ends before what the receiver plans, and that the VM is gone by
 * then. What is over, or was withdrawn, is no reason any more.
 */
export const drainForPlan = (
  kind: PlanKind,
  { state, snapshot: { now }, context, spread }: PolicyInput,
): Judgement => {
  const { policies, ending } = context;
  const { payload, spread: spreadMs } = policies.lifetime;
  const [next] = (state.plans ?? [])
    .filter(plan => plan.kind === kind)
    .filter(({ until }) => until === undefined || remainingMs(until, now) > 0)
    .sort((a, b) => remainingMs(a.from, now) - remainingMs(b.from, now));
  if (next === undefined) return { action: 'none', because: 'none is planned' };
  const beginsMs = remainingMs(next.from, now);
  const begins =
    beginsMs > 0 ? `in ${formatDuration(beginsMs)}` : `${formatDuration(-beginsMs)} ago`;
  const deadline = later(next.from, -(ending.killGrace + ending.farewell));
  const drainsInMs = remainingMs(deadline, now) - payload - spread * spreadMs;
  const reason = next.reason === '' ? '' : ` (${next.reason})`;
  if (drainsInMs <= 0) return { action: 'drain', because: `planned ${begins}${reason}`, deadline };
  const because = `planned ${begins}${reason}, draining in ${formatDuration(drainsInMs)}`;
  return { action: 'none', because };
};
