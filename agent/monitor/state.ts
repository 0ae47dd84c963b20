import * as v from 'valibot';
import { Acknowledgement } from '../../protocol/directive.ts';
import { VmState } from '../../protocol/words.ts';
import { Moment } from '../moment.ts';
import { EndWish } from '../pilot/asked-end.ts';
import { SlotState } from '../pilot/slot-state.ts';
import { KeptPlan } from './kept-plan.ts';
import { Errand } from './orders/errand.ts';
import { Pace } from './orders/pace.ts';

/** From the pilots' signal to KILL where there is less time than the context gives, ms. */
const hasty = { graceMs: v.optional(v.number()) };

/** Who drains this VM, and until when its pilots may go on for that. */
export const DrainCause = v.object({
  /** `operator`, `receiver`, or the policy's name; each owns its own. */
  by: v.string(),
  since: Moment,
  deadline: Moment,
  reason: v.string(),
  /** The order that it follows; of a policy's drain there is none. */
  order: v.optional(v.string()),
  ...hasty,
});
export type DrainCause = v.InferOutput<typeof DrainCause>;

/** A decision to end, latched on disk before it is acted on. A halt never turns back into a drain. */
export const Ending = v.variant('kind', [
  v.object({
    kind: v.literal('drain'),
    since: Moment,
    deadline: Moment,
    by: v.string(),
    reason: v.string(),
    /** All who drain it, the first one first; absent where an older agent wrote this. */
    causes: v.optional(v.array(DrainCause)),
    ...hasty,
  }),
  v.object({
    kind: v.literal('halt'),
    since: Moment,
    mode: v.picklist(['graceful', 'now']),
    by: v.string(),
    reason: v.string(),
    ...hasty,
  }),
]);
export type Ending = v.InferOutput<typeof Ending>;

/** A change of what the VM does, with the chain that led to it. */
export const Turn = v.object({
  wallMs: v.number(),
  phase: VmState,
  reason: v.string(),
  because: v.array(v.string()),
});
export type Turn = v.InferOutput<typeof Turn>;

/** What the monitor must remember beyond a restart. */
export const MonitorState = v.object({
  schemaVersion: v.literal(1),
  instanceId: v.string(),
  /** The VM's first start; its hard end is counted from here and never moves. */
  firstStart: Moment,
  ending: v.optional(Ending),
  /** Why the VM cannot work, and since when it is held for that. */
  hold: v.optional(
    v.object({
      since: Moment,
      reason: v.string(),
      /** The policy that holds it, and may lift that; absent for one of the contextualization. */
      by: v.optional(v.string()),
      /** True for one of the contextualization: another that succeeds lifts it. */
      isUnprepared: v.optional(v.boolean()),
    }),
  ),
  /** When the receiver was heard last, or since when its silence counts; kept where that decides anything. */
  heardAt: v.optional(Moment),
  /** What the receiver plans. */
  plans: v.optional(v.array(KeptPlan)),
  slots: v.record(v.string(), SlotState),
  /** Runs that are to be ended, by slot, until that is begun. */
  ends: v.optional(v.record(v.string(), EndWish)),
  /** The undrain that was given last, by source: a drain given before it is obeyed no more. */
  undrained: v.optional(
    v.object({ operator: v.optional(v.string()), receiver: v.optional(v.string()) }),
  ),
  pace: v.optional(Pace),
  /** Orders that are being carried out beside the ticks. */
  errands: v.optional(v.array(Errand)),
  /** Orders that were dealt with, the newest last. */
  handled: v.array(Acknowledgement),
  /** The last turns, the newest last. */
  turns: v.array(Turn),
});
export type MonitorState = v.InferOutput<typeof MonitorState>;

export const KEPT_HANDLED = 200;
export const KEPT_TURNS = 30;

export const newMonitorState = (instanceId: string, now: Moment): MonitorState => ({
  schemaVersion: 1,
  instanceId,
  firstStart: now,
  slots: {},
  handled: [],
  turns: [],
});
