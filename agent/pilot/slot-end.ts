import { OUTCOMES, type Outcome } from './outcome.ts';
import { isAlive, type SlotState } from './slot-state.ts';

/** What the last pilot of a slot came to; `undefined` while one runs, and after an end that was asked for. */
export const slotEndOf = (slot: SlotState): Outcome | undefined =>
  isAlive(slot) ? undefined : slot.outcome;

export const isFailure = (outcome: Outcome | undefined): boolean =>
  outcome !== undefined &&
  (OUTCOMES[outcome].next === 'fail' || OUTCOMES[outcome].next === 'give-up');

/** What tells most of a VM comes first: what it suffers from itself, then what is wrong around it. */
const BY_WEIGHT: readonly Outcome[] = [
  'bad-node',
  'banned',
  'site-problem',
  'transient',
  'work-done',
  'no-restart',
  'nothing-to-do',
];

/** The one that tells most; `undefined` of none. Work that was done tells more than that there was no more. */
export const mostTelling = (outcomes: readonly (Outcome | undefined)[]): Outcome | undefined =>
  BY_WEIGHT.find(outcome => outcomes.includes(outcome));
