import { drainForPlan } from './drain-for-plan.ts';
import type { Policy } from './policy.ts';

/** Ends work in time for a downtime; one that is over or withdrawn lets a VM that still drains go on. */
export const downtime: Policy = {
  name: 'downtime',
  asks: ['drain'],
  when: 'a payload could not end before the downtime any more',
  mode: ({ policies }) => policies.downtime.mode,
  judge: input => drainForPlan('downtime', input),
};
