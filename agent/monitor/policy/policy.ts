import type { Verdict } from '../../../protocol/heartbeat.ts';
import type { Context } from '../../context/schema.ts';
import type { Moment } from '../../moment.ts';
import type { Repair } from '../repair.ts';
import type { Snapshot } from '../snapshot.ts';
import type { MonitorState } from '../state.ts';

export interface PolicyInput {
  state: MonitorState;
  snapshot: Snapshot;
  context: Context;
  /** Since when this policy's condition has held without a break, as it said last time. */
  since: Moment | undefined;
  /** From 0 to 1, the same for the life of this VM, different from VM to VM. */
  spread: number;
}

/** `observe`: it only says what it would do. */
export type Mode = 'enforce' | 'observe';

export interface Judgement {
  action: Verdict['action'];
  /** The readings that it rests on, for `why`. */
  because: string;
  /** With drain: when the pilots are ended at last. */
  deadline?: Moment;
  /** And from their signal to KILL, where there is less time than the context gives, ms. */
  graceMs?: number;
  /** Handed back as `since` next time; left out, the window begins anew. */
  since?: Moment | undefined;
  /** What it would have to know is missing: what it drained or held before stays so. */
  keeps?: boolean;
  /** Holds whatever the mode: the hard end of a VM does. */
  isBinding?: boolean;
  /** What may make it unnecessary. */
  repairs?: readonly Repair[];
}

/**
 * One rule for when a VM ends. Pure: the time is in the snapshot. What it drained or held goes on for as
 * long as it asks for that, or cannot know.
 */
export interface Policy {
  readonly name: string;
  /** What it may ask for, and when; the table of policies shows both. */
  readonly asks: readonly Verdict['action'][];
  readonly when: string;
  /** It does not go by the context, and so judges before that is known. */
  readonly judgesUnprepared?: boolean;
  mode(context: Context): Mode;
  judge(input: PolicyInput): Judgement;
}
