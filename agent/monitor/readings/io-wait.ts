import { USER_HZ } from '../../pilot/unit/proc-stat.ts';
import { FAILED, measured, type Reading } from '../../reading.ts';
import type { Counters } from './counters.ts';

/** proc(5): the first line of stat sums all cores up; its fifth number is the time that they waited for I/O. */
export const parseIoWaitMs = (text: string): Reading<Counters> => {
  const ticks = /^cpu +(?:\d+ ){4}(\d+)(?: \d+)*\n/.exec(text)?.[1];
  return ticks === undefined
    ? FAILED
    : measured(new Map([['cpu', (Number(ticks) * 1000) / USER_HZ]]));
};
