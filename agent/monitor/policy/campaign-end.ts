import { drainForPlan } from './drain-for-plan.ts';
import type { Policy } from './policy.ts';

/** Ends work in time for the end of the campaign that this VM was started for. */
export const campaignEnd: Policy = {
  name: 'campaign-end',
  asks: ['drain'],
  when: 'a payload could not end before the end of the campaign any more',
  mode: ({ policies }) => policies.campaignEnd.mode,
  judge: input => drainForPlan('campaign-end', input),
};
