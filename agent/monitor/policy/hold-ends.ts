import { formatDuration } from '../../../platform/duration.ts';
import { elapsedMs } from '../../moment.ts';
import type { Policy } from './policy.ts';

/** A VM that cannot work stays up for a while with its evidence, then halts. */
export const holdEnds: Policy = {
  name: 'hold',
  judge: ({ state: { hold }, snapshot: { now }, context }) => {
    if (hold === undefined) return { action: 'none', because: 'not held' };
    const held = elapsedMs(hold.since, now);
    const told = `held for ${formatDuration(held)} of ${formatDuration(context.hold)}: ${hold.reason}`;
    return { action: held >= context.hold ? 'halt' : 'none', because: told };
  },
};
