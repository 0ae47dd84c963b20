import type { Acknowledgement, DirectiveKind } from '../../protocol/directive.ts';
import type { DirectiveRecord, DirectiveWish } from './directive-record.ts';

/** `pending`: not fetched yet; `sent`: fetched, no word on it yet; the rest is how it ended. */
export type DirectiveStatus = 'pending' | 'sent' | Acknowledgement['outcome'];

/** A directive as operators read it. Times are ISO 8601; what has not happened is null. */
export interface DirectiveView {
  id: string;
  vmId: string;
  kind: DirectiveKind;
  /** Its kind with all that goes with it. */
  wish: DirectiveWish;
  status: DirectiveStatus;
  reason: string;
  by: string;
  mode: 'graceful' | 'now' | null;
  deadlineAt: string | null;
  createdAt: string;
  expiresAt: string;
  firstSentAt: string | null;
  acknowledgedAt: string | null;
  detail: string;
}

/** The VM's own word counts, also when it came after the directive ran out here. */
export const directiveStatus = (directive: DirectiveRecord, nowMs: number): DirectiveStatus => {
  if (directive.outcome !== undefined) return directive.outcome;
  if (nowMs >= directive.expiresAtMs) return 'expired';
  return directive.firstSentMs === undefined ? 'pending' : 'sent';
};

const isoTime = (ms: number | undefined): string | null =>
  ms === undefined ? null : new Date(ms).toISOString();

const deadlineOf = ({ wish, createdMs }: DirectiveRecord): number | undefined =>
  wish.kind === 'drain' && wish.deadlineMs !== undefined ? createdMs + wish.deadlineMs : undefined;

export const directiveView = (directive: DirectiveRecord, nowMs: number): DirectiveView => ({
  id: directive.id,
  vmId: directive.vmId,
  kind: directive.wish.kind,
  wish: directive.wish,
  status: directiveStatus(directive, nowMs),
  reason: directive.reason,
  by: directive.by,
  mode: ('mode' in directive.wish ? directive.wish.mode : undefined) ?? null,
  deadlineAt: isoTime(deadlineOf(directive)),
  createdAt: new Date(directive.createdMs).toISOString(),
  expiresAt: new Date(directive.expiresAtMs).toISOString(),
  firstSentAt: isoTime(directive.firstSentMs),
  acknowledgedAt: isoTime(directive.acknowledgedMs),
  detail: directive.detail ?? '',
});
