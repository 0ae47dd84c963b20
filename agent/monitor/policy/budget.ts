import { drainForPlan } from './drain-for-plan.ts';
import type { Policy } from './policy.ts';

/** Ends work in time for when the receiver expects its budget to be used up. */
export const budget: Policy = {
  name: 'budget',
  asks: ['drain'],
  when: 'a payload could not end within the budget any more',
  mode: ({ policies }) => policies.budget.mode,
  judge: input => drainForPlan('budget', input),
};
