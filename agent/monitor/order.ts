import type { DirectiveKind } from '../../protocol/directive.ts';
import type { PayloadSignal } from '../../protocol/order-fields.ts';
import type { Moment } from '../moment.ts';

export type OrderSource = 'operator' | 'receiver';

/**
 * What somebody asks of this VM: an operator on the machine, or the receiver. It enters the next
 * snapshot like any observation. An unknown kind of a newer receiver is carried along to be reported.
 */
export interface Order {
  /** Ids of version 7 (RFC 9562) tell which of two orders of one source was given first. */
  id: string;
  source: OrderSource;
  kind: DirectiveKind | 'unknown';
  reason: string;
  /** Who asks, by the receiver's word. */
  by?: string | undefined;
  /** With drain: how long running pilots may go on, counted from receipt. */
  deadlineMs?: number | undefined;
  /** With halt and end-pilot: `now` kills the pilots. */
  mode?: 'graceful' | 'now' | undefined;
  /** With end-pilot and signal: a slot, or one run of it. */
  pilot?: string | undefined;
  /** With end-pilot: false if no other pilot is to start there. */
  restart?: boolean | undefined;
  /** With signal. */
  signal?: PayloadSignal | undefined;
  /** With collect-logs: `agent`, a slot, or one run of it. */
  of?: string | undefined;
  /** With pace: ms between two heartbeats, and for how long, counted from receipt. */
  everyMs?: number | undefined;
  forMs?: number | undefined;
  receivedAt: Moment;
  expiresAt?: Moment | undefined;
}
