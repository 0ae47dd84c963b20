import type { Preparation } from './snapshot.ts';
import type { Prepared } from './tick.ts';

/** What decisions have to know of the contextualization. Pure. */
export const preparationOf = (prepared: Prepared): Preparation => {
  if (prepared.state === 'done') return { state: 'done', slots: prepared.slots };
  return prepared.state === 'failed'
    ? { state: 'failed', reason: prepared.reason }
    : { state: 'pending' };
};
