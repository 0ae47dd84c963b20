import { KILLED, WORK_DONE } from './expected.ts';
import type { Deed, Fault } from './fault.ts';

const SPOT = 'spot/instance-action';
const REBALANCE = 'events/recommendations/rebalance';

/** As EC2 says it, two minutes ahead. */
const NOTICE: Deed = { kind: 'cloud', path: SPOT, says: '{"action":"terminate","time":"+120s"}' };
const PREEMPTED = /^preemption: (?:drained: )?EC2 will terminate this spot instance/;

/** What a cloud announces. */
export const CLOUD_FAULTS: readonly Fault[] = [
  {
    name: 'spot-notice',
    world: 'ec2',
    done: 'EC2’s spot notice two minutes ahead, and a payload that follows drains',
    payload: 'steady',
    strikes: [{ at: 'the payload works', does: NOTICE }],
    expected: { because: PREEMPTED, begun: 1, finished: 1, heard: 'halted' },
    boundS: 75,
  },
  {
    name: 'spot-notice-deaf',
    world: 'ec2',
    done: 'EC2’s spot notice two minutes ahead, and a payload that hears nothing',
    payload: 'deaf',
    strikes: [{ at: 'the payload works', does: NOTICE }],
    expected: { because: PREEMPTED, begun: 1, finished: 0, heard: 'halted', notBeforeS: 30 },
    boundS: 120,
  },
  {
    name: 'spot-withdrawn',
    world: 'ec2',
    done: 'EC2’s spot notice, withdrawn a little later; then an operator’s halt',
    payload: 'deaf',
    strikes: [
      { at: 'the payload works', does: NOTICE },
      { at: 'it drains', does: { kind: 'cloud', path: SPOT } },
      { at: 'it drains no longer', does: { kind: 'order', order: 'halt' } },
    ],
    expected: {
      ...KILLED,
      told: {
        'it goes back to work': /"phase":"draining".*"phase":"running".*"phase":"halting"/s,
      },
    },
    boundS: 120,
  },
  {
    name: 'rebalance',
    world: 'ec2',
    done: 'EC2’s rebalance recommendation, which promises nothing',
    payload: 'short',
    strikes: [
      {
        at: 'the payload works',
        does: { kind: 'cloud', path: REBALANCE, says: '{"noticeTime":"+0s"}' },
      },
    ],
    expected: { ...WORK_DONE, told: { 'it was heard': /an announcement/ } },
    boundS: 75,
  },
];
