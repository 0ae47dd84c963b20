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

/** A minute; draining begins half of it before its end. */
const LEASE = { policies: { lostReceiver: { lease: '60s' } } };
const LOST = /^lost-receiver: (?:drained: )?acknowledged \S+(?: \S+)? ago, of a lease of 1m/;

/** With a lease, which a VM lets run out and then ends. */
const LEASE_FAULTS: readonly Fault[] = [
  {
    name: 'lease-drain',
    done: 'SIGKILL of the receiver, for good, with a lease of 60 s and a payload that follows drains',
    payload: 'steady',
    context: LEASE,
    strikes: [{ at: 'the payload works', does: { kind: 'receiver', signal: 'KILL' } }],
    expected: { because: LOST, begun: 1, finished: 1, notBeforeS: 20 },
    boundS: 90,
  },
  {
    name: 'lease-deaf',
    done: 'answers lost, with a lease of 60 s and a payload that hears nothing',
    payload: 'deaf',
    context: LEASE,
    strikes: [{ at: 'the payload works', does: { kind: 'link', mode: 'answers-lost' } }],
    expected: { because: LOST, begun: 1, finished: 0, heard: 'halted', notBeforeS: 50 },
    boundS: 120,
  },
  {
    name: 'lease-kept',
    done: 'SIGSTOP of the receiver for 15 s, with a lease of 60 s; then an operator’s drain',
    payload: 'steady',
    context: LEASE,
    strikes: [
      { at: 'the payload works', does: { kind: 'receiver', signal: 'STOP' } },
      { does: { kind: 'wait', seconds: 15 } },
      { does: { kind: 'receiver', signal: 'CONT' } },
      { does: { kind: 'order', order: 'drain' } },
    ],
    expected: DRAINED,
    boundS: 120,
  },
];

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
  ...LEASE_FAULTS,
  ...(['repeated', 'delayed', 'reordered'] as const).map(carried),
];
