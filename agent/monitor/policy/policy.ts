import type { Verdict } from '../../../protocol/heartbeat.ts';
import type { Context } from '../../context/schema.ts';
import type { Moment } from '../../moment.ts';
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

export interface Judgement {
  action: Verdict['action'];
  /** The readings that it rests on, for `why`. */
  because: string;
  /** With drain: when the pilots are ended at last. */
  deadline?: Moment;
  /** Handed back as `since` next time; left out, the window begins anew. */
  since?: Moment | undefined;
}

/** One rule for when a VM ends. Pure: the time is in the snapshot. */
export interface Policy {
  readonly name: string;
  judge(input: PolicyInput): Judgement;
}
