import type { Context } from '../../context/schema.ts';

type Paid = Pick<Context, 'policies' | 'ending' | 'monitor'>;

/**
 * ms until a VM of this age may be halted for want of work: what its cloud bills by whole periods is used
 * up first, in case work comes. Near the end of each period there is a time in which it ends before the next
 * begins, pilots and farewell included. 0 where the cloud bills no periods, or shorter ones than an end takes.
 */
export const unpaidInMs = (ageMs: number, { policies, ending, monitor }: Paid): number => {
  const { billing } = policies;
  if (billing === undefined) return 0;
  const neededMs = ending.killGrace + ending.farewell;
  const marginMs = Math.max(billing.margin, neededMs + 2 * monitor.tick);
  if (marginMs >= billing.period) return 0;
  const leftMs = billing.period - (ageMs % billing.period);
  if (leftMs > marginMs) return leftMs - marginMs;
  return leftMs >= neededMs ? 0 : leftMs + billing.period - marginMs;
};
