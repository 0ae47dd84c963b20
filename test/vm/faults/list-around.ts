import { DRAINED, WORK_DONE } from './expected.ts';
import type { Fault } from './fault.ts';
import type { LinkMode } from './link-mode.ts';

const carried = (mode: LinkMode): Fault => ({
  name: mode,
  done: `heartbeats ${mode}, then an operator’s drain`,
  payload: 'steady',
  strikes: [
    { at: 'the payload works', does: { kind: 'link', mode } },
    { does: { kind: 'wait', seconds: 15 } },
    { does: { kind: 'order', order: 'drain' } },
  ],
  expected: DRAINED,
  boundS: 120,
});

/** What is done to the receiver and to the way to it. */
export const SURROUNDING_FAULTS: readonly Fault[] = [
  {
    name: 'receiver-dead',
    done: 'SIGKILL of the receiver, for good, without a lease',
    payload: 'short',
    strikes: [{ at: 'the payload works', does: { kind: 'receiver', signal: 'KILL' } }],
    expected: { because: WORK_DONE.because, begun: 1, finished: 1 },
    boundS: 90,
  },
  {
    name: 'receiver-hangs',
    done: 'SIGSTOP of the receiver: it takes connections and answers nothing',
    payload: 'short',
    strikes: [{ at: 'the payload works', does: { kind: 'receiver', signal: 'STOP' } }],
    expected: { because: WORK_DONE.because, begun: 1, finished: 1 },
    boundS: 90,
  },
  {
    name: 'answers-lost',
    done: 'a partition one way: heartbeats arrive, answers are lost',
    payload: 'short',
    strikes: [{ at: 'the payload works', does: { kind: 'link', mode: 'answers-lost' } }],
    expected: WORK_DONE,
    boundS: 90,
  },
  {
    name: 'requests-lost',
    done: 'a partition the other way: no heartbeat arrives',
    payload: 'short',
    strikes: [{ at: 'the payload works', does: { kind: 'link', mode: 'requests-lost' } }],
    expected: { ...WORK_DONE, heard: 'less' },
    boundS: 90,
  },
  {
    name: 'order-in-partition',
    done: 'an operator’s drain while answers are lost, which come again later',
    payload: 'steady',
    strikes: [
      { at: 'the payload works', does: { kind: 'link', mode: 'answers-lost' } },
      { does: { kind: 'order', order: 'drain' } },
      { does: { kind: 'wait', seconds: 20 } },
      { does: { kind: 'link', mode: 'well' } },
    ],
    expected: DRAINED,
    boundS: 120,
  },
  ...(['repeated', 'delayed', 'reordered'] as const).map(carried),
];
