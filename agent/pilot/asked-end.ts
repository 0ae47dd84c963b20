import * as v from 'valibot';
import type { SlotState } from './slot-state.ts';

/** That one run is to be ended, whatever is wished of the others. */
export const EndWish = v.object({
  generation: v.number(),
  mode: v.picklist(['graceful', 'now']),
  /** False: no other follows it. */
  restart: v.boolean(),
  /** Who asked for it and why, for people. */
  because: v.string(),
});
export type EndWish = v.InferOutput<typeof EndWish>;

type Stopping = Extract<SlotState, { state: 'stopping' }>;

/** What follows a run that was ended so; nothing special where another may. */
export const foundOf = ({ restart }: EndWish): 'no-restart' | undefined =>
  restart ? undefined : 'no-restart';

/** A run that is ending already, and is asked for once more. */
export const hasten = (slot: Stopping, wish: EndWish): Stopping => {
  const found = foundOf(wish);
  return {
    ...slot,
    because: slot.because ?? wish.because,
    ...(found === undefined ? {} : { found }),
    ...(wish.mode === 'now' ? { killed: true } : {}),
  };
};

/** Nothing runs there, and nothing will. */
export const closeSlot = (slot: SlotState): SlotState => {
  if (slot.state !== 'waiting') return slot;
  const { notBefore: _never, ...rest } = slot;
  return { ...rest, state: 'ended', outcome: 'no-restart' };
};

/** A run that ended before it could be told so is followed by none all the same. */
export const closeIfAsked = (slot: SlotState, wish: EndWish | undefined): SlotState =>
  wish !== undefined && !wish.restart && wish.generation === slot.generation
    ? closeSlot(slot)
    : slot;
