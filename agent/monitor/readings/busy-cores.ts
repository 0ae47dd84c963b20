import { USER_HZ } from '../../pilot/unit/proc-stat.ts';
import { FAILED, measured, type Reading } from '../../reading.ts';
import type { Counters } from './counters.ts';

/**
 * proc(5): the first line of stat sums all cores up. Work is user, nice, system, irq and softirq; guests are part of
 * user, and what the host took (steal) is nobody's work here.
 */
export const parseBusyMs = (text: string): Reading<Counters> => {
  const match = /^cpu +(\d+) (\d+) (\d+) \d+ \d+ (\d+) (\d+)(?: \d+)*\n/.exec(text);
  if (match === null) return FAILED;
  const ticks = match.slice(1).reduce((sum, each) => sum + Number(each), 0);
  return measured(new Map([['cpu', (ticks * 1000) / USER_HZ]]));
};
