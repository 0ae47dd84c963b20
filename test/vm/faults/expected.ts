import type { Expected } from './fault.ts';

/** A VM whose pilot has done its work, whatever happened meanwhile. */
export const WORK_DONE = {
  because: /^pilots-ended: every pilot has ended/,
  begun: 1,
  finished: 1,
  heard: 'halted',
} as const satisfies Expected;

/** One that an operator has drained: its payload came to its own end. */
export const DRAINED = {
  because: /^receiver: drained: end of the test$/,
  begun: 1,
  finished: 1,
  heard: 'halted',
} as const satisfies Expected;

/** One whose deaf payload was killed after an operator's halt. */
export const KILLED = {
  because: /^receiver: end of the test$/,
  begun: 1,
  finished: 0,
  heard: 'halted',
} as const satisfies Expected;
