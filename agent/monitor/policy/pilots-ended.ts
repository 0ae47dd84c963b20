import { isFailure, slotEndOf } from '../../pilot/slot-end.ts';
import type { Policy } from './policy.ts';

/** Halts a VM whose pilots have all ended well where the context, or they, want no other. */
export const pilotsEnded: Policy = {
  name: 'pilots-ended',
  asks: ['halt'],
  when: 'all pilots have ended well, and no other is wanted',
  mode: ({ policies }) => policies.pilotsEnded.mode,
  judge: ({ state, snapshot: { preparation } }) => {
    const slots = Object.values(state.slots);
    const ended = slots.filter(slot => slot.state === 'ended' && !isFailure(slotEndOf(slot)));
    const isOver =
      preparation.state === 'done' && ended.length > 0 && ended.length === slots.length;
    const because = isOver
      ? 'every pilot has ended, and no other is wanted'
      : `${ended.length} of ${slots.length} slots want no other pilot`;
    return { action: isOver ? 'halt' : 'none', because };
  },
};
