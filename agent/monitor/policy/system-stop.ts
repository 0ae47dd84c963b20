import { formatDuration } from '../../../platform/duration.ts';
import { type Moment, remainingMs } from '../../moment.ts';
import { withoutCauses } from '../drain-causes.ts';
import type { Ending, MonitorState } from '../state.ts';
import { drainInTime } from './drain-in-time.ts';
import type { Policy } from './policy.ts';

const NAME = 'system-stop';

/**
 * Drains in the time that is left once the system of the VM stops, by its power button, its cloud or
 * anybody on it. That is no matter of choice, so it holds in every mode, and before the context is known.
 */
export const systemStop: Policy = {
  name: NAME,
  asks: ['drain'],
  when: 'the system of the VM is told to stop',
  judgesUnprepared: true,
  mode: () => 'enforce',
  judge: input => {
    const { systemStop: until, now } = input.snapshot;
    if (until === undefined) return { action: 'none', because: 'the system goes on' };
    const leftMs = Math.max(0, remainingMs(until, now));
    const because = `the system is stopping, ${formatDuration(leftMs)} are left`;
    return { action: 'drain', because, isBinding: true, ...drainInTime(NAME, leftMs, input) };
  },
};

/** What the end of a system has ended is over with it: after a reboot the VM goes to work again. */
export const withoutSystemStop = (state: MonitorState, now: Moment): MonitorState => {
  const { ending: before, ...rest } = state;
  const isOver = ({ by, since }: Pick<Ending, 'by' | 'since'>): boolean =>
    by === NAME && since.bootId !== now.bootId;
  const ending =
    before?.kind === 'halt' && isOver(before) ? undefined : withoutCauses(before, isOver, now);
  return { ...rest, ...(ending === undefined ? {} : { ending }) };
};
