import { DRAINED, KILLED } from './expected.ts';
import type { Fault } from './fault.ts';

/** What payloads do. */
export const PAYLOAD_FAULTS: readonly Fault[] = [
  {
    name: 'deaf-halt',
    smoke: true,
    done: 'an operator’s halt of a payload that ignores TERM',
    payload: 'deaf',
    strikes: [{ at: 'the payload works', does: { kind: 'order', order: 'halt' } }],
    expected: { ...KILLED, notBeforeS: 5 },
    boundS: 60,
  },
  {
    name: 'deaf-drain',
    done: 'an operator’s drain of a payload that ignores it, and TERM at its deadline of 40 s',
    payload: 'deaf',
    strikes: [{ at: 'the payload works', does: { kind: 'order', order: 'drain' } }],
    expected: { ...DRAINED, finished: 0, notBeforeS: 40 },
    boundS: 120,
  },
  {
    name: 'pid-eater',
    done: 'a pilot that eats all PIDs that there are, then an operator’s halt',
    payload: 'greedy',
    strikes: [
      {
        at: 'the payload works',
        does: { kind: 'inside', command: 'echo 700 >/proc/sys/kernel/pid_max' },
      },
      { does: { kind: 'wait', seconds: 20 } },
      { does: { kind: 'order', order: 'halt' } },
    ],
    expected: { ...KILLED, told: { 'no process could be made': /EAGAIN|Resource temporarily/ } },
    boundS: 150,
  },
];
