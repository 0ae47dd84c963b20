import { messageOf } from '../../platform/errors.ts';
import type { Boots } from '../boot-record.ts';
import { readResolved } from '../context/resolved.ts';
import { DEFAULT_CONTEXT } from '../context/schema.ts';
import type { AgentPorts } from '../ports.ts';
import type { Preparer } from './prepare.ts';

/** So often a VM may go down while it is being contextualized. */
const MOST_LOST = 2;

/**
 * Contextualizes, and notes how that came to an end. What has brought the VM down each time is not done for ever:
 * such a VM is held, tells why, and ends. Where the agent was started anew and pilots are at work that an agent of
 * this boot has started, they go on by what it knew if contextualizing fails now: a clock, a squid or a server that
 * is wrong at this moment is no reason to end them.
 */
export const heedBoots = (
  preparer: Preparer,
  boots: Boots,
  { files, units, log }: Pick<AgentPorts, 'files' | 'units' | 'log'>,
): Preparer => ({
  ...preparer,
  context: async (hold, signal) => {
    if (boots.lost >= MOST_LOST)
      return {
        state: 'failed',
        reason: `this VM went down ${boots.lost} times in a row while it was being contextualized`,
        context: { ...DEFAULT_CONTEXT, hold },
      };
    const isKnown = boots.hasWorked();
    const prepared = await preparer.context(hold, signal);
    if (signal.aborted) return prepared;
    await boots.prepared({ good: prepared.state === 'done' });
    if (prepared.state !== 'failed' || !isKnown) return prepared;
    try {
      if (!(await units.sight()).some(({ state }) => state === 'running')) return prepared;
      const known = await readResolved(files);
      log.error(
        { reason: prepared.reason },
        'this VM cannot be contextualized anew; it goes on by what it knew before',
      );
      return { state: 'done', ...known };
    } catch (error) {
      log.error({ error: messageOf(error) }, 'what this VM knew before cannot be read');
      return prepared;
    }
  },
});
