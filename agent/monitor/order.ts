import type { Moment } from '../moment.ts';

/**
 * What somebody asks of this VM: an operator on the machine, or the receiver. It enters the next
 * snapshot like any observation. An unknown kind of a newer receiver is carried along to be reported.
 */
export interface Order {
  id: string;
  source: 'operator' | 'receiver';
  kind: 'drain' | 'undrain' | 'halt' | 'unknown';
  reason: string;
  /** With drain: how long running pilots may go on, counted from receipt. */
  deadlineMs?: number | undefined;
  /** With halt: `now` kills the pilots. */
  mode?: 'graceful' | 'now' | undefined;
  receivedAt: Moment;
  expiresAt?: Moment | undefined;
}
