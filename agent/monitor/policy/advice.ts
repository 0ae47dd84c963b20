import { modeIn } from './mode.ts';
import type { Policy } from './policy.ts';

/**
 * Begins nothing new on a VM of which its cloud advises to move work away, as EC2 does when a spot instance
 * is more likely than usual to be taken, or that it will pause. That has no deadline and promises nothing,
 * so pilots with their payloads go on, and by default it is only observed.
 */
export const advice: Policy = {
  name: 'advice',
  asks: ['no-new'],
  when: 'the cloud advises to move work away, without saying until when',
  mode: ({ policies }) => modeIn(policies.advice),
  judge: ({ snapshot: { notices = [] }, context }) => {
    if (context.policies.advice === false)
      return { action: 'none', because: 'switched off by the context' };
    const given = notices.find(({ kind }) => kind === 'advice');
    return given === undefined
      ? { action: 'none', because: 'no advice is given' }
      : { action: 'no-new', because: given.because };
  },
};
