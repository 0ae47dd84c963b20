import { isFailure, slotEndOf } from '../../pilot/slot-end.ts';
import type { SlotState } from '../../pilot/slot-state.ts';
import type { Policy } from './policy.ts';

/** No other pilot follows, and for a reason that is not well. */
export const hasGivenUp = (slot: SlotState): boolean =>
  slot.state === 'gave-up' || (slot.state === 'ended' && isFailure(slotEndOf(slot)));

/**
 * A VM on which no slot can keep a pilot is sick: it is held with its evidence, so that it eats no more
 * payloads. One that is banned is well, only unwanted: it halts.
 */
export const pilotsGaveUp: Policy = {
  name: 'pilots-gave-up',
  asks: ['hold', 'halt'],
  when: 'no slot can keep a pilot; it halts where all of them are banned',
  mode: ({ policies }) => policies.pilotsGaveUp.mode,
  judge: ({ state }) => {
    const slots = Object.values(state.slots);
    const given = slots.filter(hasGivenUp);
    const rest = slots.filter(({ state }) => state !== 'gave-up' && state !== 'ended');
    if (given.length === 0) return { action: 'none', because: 'no slot has given up' };
    const ends = [...new Set(given.map(({ lastExit }) => lastExit ?? 'unknown'))].join(', ');
    const told = `${given.length} of ${slots.length} slots gave up, pilots ended with: ${ends}`;
    if (rest.length > 0) return { action: 'none', because: told };
    const isBanned = given.every(({ outcome }) => outcome === 'banned');
    return { action: isBanned ? 'halt' : 'hold', because: told };
  },
};
