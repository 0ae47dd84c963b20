import type { Boots } from '../boot-record.ts';
import { DEFAULT_CONTEXT } from '../context/schema.ts';
import type { Preparer } from './prepare.ts';

/** So often a VM may go down while it is being contextualized. */
const MOST_LOST = 2;

/**
 * Contextualizes, and notes when that came to an end. What has brought the VM down each time is not done for ever:
 * such a VM is held, tells why, and ends.
 */
export const heedBoots = (preparer: Preparer, boots: Boots): Preparer => ({
  ...preparer,
  context: async (hold, signal) => {
    if (boots.lost >= MOST_LOST)
      return {
        state: 'failed',
        reason: `this VM went down ${boots.lost} times in a row while it was being contextualized`,
        context: { ...DEFAULT_CONTEXT, hold },
      };
    const prepared = await preparer.context(hold, signal);
    if (!signal.aborted) await boots.prepared();
    return prepared;
  },
});
