import type { Acknowledgement } from '../../protocol/directive.ts';
import type { PeekAnswer, PeekQuestion } from '../../protocol/peek.ts';
import type { PeekRecord } from './peek-record.ts';

/** `pending`: the VM has not fetched it; `sent`: it has, and has not answered; the rest is how it ended. */
export type PeekStatus = 'pending' | 'sent' | Acknowledgement['outcome'];

/** A look as operators read it. Times are ISO 8601; what has not happened is null. */
export interface PeekView extends PeekQuestion {
  id: string;
  vmId: string;
  by: string;
  status: PeekStatus;
  detail: string;
  /** The run that was looked at. */
  unit: string | null;
  chars: number | null;
  askedAt: string;
  expiresAt: string;
  endedAt: string | null;
}

/** The same with what was seen; null where there is nothing, or nothing any more. */
export interface PeekReply extends PeekView {
  answer: { text: string; isCut: boolean; nextByte: number | null } | null;
}

export const peekStatus = (
  { end, expiresAtMs, firstSentMs }: PeekRecord,
  nowMs: number,
): PeekStatus => {
  if (end !== undefined) return end.outcome;
  if (nowMs >= expiresAtMs) return 'expired';
  return firstSentMs === undefined ? 'pending' : 'sent';
};

export const peekView = (peek: PeekRecord, nowMs: number): PeekView => ({
  id: peek.id,
  vmId: peek.vmId,
  ...peek.question,
  by: peek.by,
  status: peekStatus(peek, nowMs),
  detail: peek.end?.detail ?? '',
  unit: peek.end?.unit ?? null,
  chars: peek.end?.chars ?? null,
  askedAt: new Date(peek.askedMs).toISOString(),
  expiresAt: new Date(peek.expiresAtMs).toISOString(),
  endedAt: peek.end === undefined ? null : new Date(peek.end.endedMs).toISOString(),
});

export const peekReply = (
  peek: PeekRecord,
  answer: PeekAnswer | undefined,
  nowMs: number,
): PeekReply => ({
  ...peekView(peek, nowMs),
  answer:
    answer === undefined
      ? null
      : { text: answer.text, isCut: answer.isCut, nextByte: answer.nextByte ?? null },
});
