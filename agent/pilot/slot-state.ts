import * as v from 'valibot';
import { Moment } from '../moment.ts';
import { IdleClock } from './idle-clock.ts';
import { Outcome } from './outcome.ts';

const seen = {
  generation: v.number(),
  since: Moment,
  failures: v.number(),
  /** Runs in a row that found nothing to do. */
  idles: v.optional(v.number()),
  lastExit: v.optional(v.string()),
  /** What that exit meant. */
  outcome: v.optional(Outcome),
};

/**
 * What the pilot has been told of its end; `retire`: since it has had nothing to do for long; `refuse`: to stay,
 * and to take no payload until it is told otherwise.
 */
const told = v.optional(v.picklist(['drain', 'hurry', 'retire', 'refuse']));

/** What the agent knows of one slot; persisted, so that a restart starts nothing twice. */
export const SlotState = v.variant('state', [
  /** Nothing runs; the next run may start at `notBefore`. */
  v.object({ ...seen, state: v.literal('waiting'), notBefore: v.optional(Moment) }),
  /** A start was decided and written down; the unit may or may not exist by now. */
  v.object({ ...seen, state: v.literal('starting'), told }),
  v.object({
    ...seen,
    state: v.literal('running'),
    told,
    /** When it was last told of a drain. */
    toldAt: v.optional(Moment),
    idle: v.optional(IdleClock),
  }),
  /** It is ending: hurried first, where its kind can be, then sent its signal, and perhaps KILL. */
  v.object({
    ...seen,
    state: v.literal('stopping'),
    killed: v.boolean(),
    /** It is ended for what was found in it, and not because it was asked for: its end means that. */
    found: v.optional(Outcome),
    /** And what that was, for people. */
    because: v.optional(v.string()),
    /** Until then its payloads may save their work; its signal is still to be sent. */
    hurriedUntil: v.optional(Moment),
  }),
  /** Its last run ended, and the context wants no other. */
  v.object({ ...seen, state: v.literal('ended') }),
  /** It failed too often in a row, or found that this VM is of no use to it. */
  v.object({ ...seen, state: v.literal('gave-up') }),
]);
export type SlotState = v.InferOutput<typeof SlotState>;

export const newSlot = (now: Moment): SlotState => ({
  state: 'waiting',
  generation: 0,
  since: now,
  failures: 0,
});

export const isAlive = ({ state }: Pick<SlotState, 'state'>): boolean =>
  state === 'starting' || state === 'running' || state === 'stopping';
