import type { Policy } from './policy.ts';

/**
 * What is done about pilots that make no progress, as a line of the chain: each is ended by itself, by the
 * context's `pilots.stuck`, and the VM goes on.
 */
export const stuckPilots: Policy = {
  name: 'stuck',
  asks: ['none'],
  when: 'a pilot makes no progress: that pilot is ended, and the VM goes on',
  mode: ({ pilots }) => (pilots?.stuck.action === 'end' ? 'enforce' : 'observe'),
  judge: ({ snapshot: { stuck = new Map() }, context: { pilots } }) => {
    if (pilots === undefined || pilots.stuck.action === 'ignore')
      return { action: 'none', because: 'switched off by the context' };
    const told = [...stuck].map(([slot, why]) => `slot ${slot} is ended, ${why}`).join('; ');
    return { action: 'none', because: told === '' ? 'no pilot is stuck' : told };
  },
};
