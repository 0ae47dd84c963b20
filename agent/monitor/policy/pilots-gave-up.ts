import type { Policy } from './policy.ts';

/** A VM on which no slot can keep a pilot is sick: it is held, so that it eats no more payloads. */
export const pilotsGaveUp: Policy = {
  name: 'pilots-gave-up',
  judge: ({ state }) => {
    const slots = Object.entries(state.slots);
    const given = slots.filter(([, { state }]) => state === 'gave-up');
    const rest = slots.filter(([, { state }]) => state !== 'gave-up' && state !== 'ended');
    if (given.length === 0) return { action: 'none', because: 'no slot has given up' };
    const ends = [...new Set(given.map(([, { lastExit }]) => lastExit ?? 'unknown'))].join(', ');
    const told = `${given.length} of ${slots.length} slots gave up, pilots ended with: ${ends}`;
    return { action: rest.length === 0 ? 'hold' : 'none', because: told };
  },
};
