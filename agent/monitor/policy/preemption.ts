import { formatDuration } from '../../../platform/duration.ts';
import { type Moment, remainingMs } from '../../moment.ts';
import { planEndingTimes } from '../ending-times.ts';
import type { Notice } from '../notices/notice.ts';
import { drainInTime } from './drain-in-time.ts';
import { modeIn } from './mode.ts';
import type { Policy } from './policy.ts';

const NAME = 'preemption';

/** The end that comes first of those that are announced; one without a time is due. */
const soonestOf = (
  notices: readonly Notice[],
  now: Moment,
): { notice: Notice; leftMs: number } | undefined =>
  notices
    .filter(({ kind }) => kind === 'preempt')
    .map(notice => ({
      notice,
      leftMs: notice.deadline === undefined ? 0 : Math.max(0, remainingMs(notice.deadline, now)),
    }))
    .sort((a, b) => a.leftMs - b.leftMs)[0];

/**
 * Drains a VM that will be taken, so that all is over by then: one payload's length before, or at once where
 * less is left. A drain ends with what it was for, once every source says that there is nothing: a source
 * that fails, or that an agent which has just begun has not heard yet, takes nothing back.
 */
export const preemption: Policy = {
  name: NAME,
  asks: ['drain'],
  when: 'the cloud, or the machine around this VM, announces that it will be taken',
  mode: ({ policies }) => modeIn(policies.preemption),
  judge: input => {
    const { now, notices, noticeTroubles = [] } = input.snapshot;
    const { ending, policies } = input.context;
    if (policies.preemption === false)
      return { action: 'none', because: 'switched off by the context' };
    const failing = noticeTroubles.map(trouble => `; ${trouble}`).join('');
    const soonest = soonestOf(notices ?? [], now);
    if (soonest === undefined) {
      const isUnknown = notices === undefined || noticeTroubles.length > 0;
      return { action: 'none', because: `nothing is announced${failing}`, keeps: isUnknown };
    }
    const { drainMs } = planEndingTimes(soonest.leftMs, ending);
    const told = `${soonest.notice.because}, in ${formatDuration(soonest.leftMs)}${failing}`;
    if (drainMs <= policies.lifetime.payload)
      return { action: 'drain', because: told, ...drainInTime(NAME, soonest.leftMs, input) };
    const payload = formatDuration(policies.lifetime.payload);
    return { action: 'none', because: `${told}; draining one payload, ${payload}, before` };
  },
};
