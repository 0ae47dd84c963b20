import { later, remainingMs } from '../../moment.ts';
import { causesOf } from '../drain-causes.ts';
import { planEndingTimes } from '../ending-times.ts';
import type { Judgement, PolicyInput } from './policy.ts';

/**
 * The drain after which all is over in so many ms. Once its pilots are being ended, the moment of KILL stays
 * where it is, since what is left shrinks meanwhile; it only comes nearer where the end does.
 * @param by the policy that asks
 */
export const drainInTime = (
  by: string,
  leftMs: number,
  { state, snapshot: { now }, context: { ending } }: PolicyInput,
): Pick<Judgement, 'deadline' | 'graceMs'> => {
  const { drainMs, graceMs } = planEndingTimes(leftMs, ending);
  const own = causesOf(state.ending).find(cause => cause.by === by);
  const sinceMs = own === undefined ? 0 : -remainingMs(own.deadline, now);
  if (own === undefined || sinceMs < 0) {
    const hasty = graceMs < ending.killGrace ? { graceMs } : {};
    return { deadline: later(now, drainMs), ...hasty };
  }
  const planned = own.graceMs ?? ending.killGrace;
  const sooner = Math.min(planned, sinceMs + drainMs + graceMs);
  return { deadline: own.deadline, ...(sooner < ending.killGrace ? { graceMs: sooner } : {}) };
};
