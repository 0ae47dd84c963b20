import type { Files } from '../../platform/files.ts';
import type { Log } from '../../platform/log.ts';
import type { Boots } from '../boot-record.ts';
import { readResolved } from '../context/resolved.ts';
import { DEFAULT_CONTEXT } from '../context/schema.ts';
import type { Preparer } from './prepare.ts';

/** So often a VM may go down while it is being contextualized. */
const MOST_LOST = 2;

/**
 * Contextualizes, and notes how that came to an end. What has brought the VM down each time is not done for ever:
 * such a VM is held, tells why, and ends. A VM that was contextualized in this boot, and whose agent was started
 * anew, goes on by what it knows if that fails now: a clock, a squid or a server that is wrong at this moment is no
 * reason to end pilots at work.
 */
export const heedBoots = (
  preparer: Preparer,
  boots: Boots,
  { files, log }: { files: Files; log: Log },
): Preparer => ({
  ...preparer,
  context: async (hold, signal) => {
    if (boots.lost >= MOST_LOST)
      return {
        state: 'failed',
        reason: `this VM went down ${boots.lost} times in a row while it was being contextualized`,
        context: { ...DEFAULT_CONTEXT, hold },
      };
    const known = boots.hasWorked();
    const prepared = await preparer.context(hold, signal);
    if (signal.aborted) return prepared;
    await boots.prepared({ good: prepared.state === 'done' });
    if (prepared.state !== 'failed' || !known) return prepared;
    log.error(
      { reason: prepared.reason },
      'this VM cannot be contextualized anew; it goes on by what it knew before',
    );
    return { state: 'done', ...(await readResolved(files)) };
  },
});
