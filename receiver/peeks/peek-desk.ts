import type { PeekAnswer } from '../../protocol/peek.ts';

/** Answers that are waiting to be read, and how long they wait. */
const KEPT_ANSWERS = 128;
const KEPT_MS = 300_000;
/** For how long after a look its VM reports often, and how often. */
const WATCHED_MS = 60_000;
const WATCHED_PACE_MS = 2000;

/**
 * What passes between an operator who looks at a pilot and its VM. What is seen is the payload's own data: it is
 * kept in memory alone, and not for long.
 */
export interface PeekDesk {
  /** Somebody looks at this VM. */
  watch(vmId: string, nowMs: number): void;
  /** How often a VM is to report now. */
  paceMs(vmId: string, usualMs: number, nowMs: number): number;
  put(id: string, answer: PeekAnswer, nowMs: number): void;
  /** `undefined` once it is forgotten. */
  answer(id: string, nowMs: number): PeekAnswer | undefined;
}

export const createPeekDesk = (): PeekDesk => {
  const watchedUntilMs = new Map<string, number>();
  /** In the order in which they came. */
  const answers = new Map<string, { answer: PeekAnswer; untilMs: number }>();

  const forget = (nowMs: number): void => {
    for (const [vmId, untilMs] of watchedUntilMs) if (untilMs <= nowMs) watchedUntilMs.delete(vmId);
    for (const [id, { untilMs }] of answers)
      if (untilMs <= nowMs || answers.size > KEPT_ANSWERS) answers.delete(id);
  };

  return {
    watch: (vmId, nowMs) => {
      forget(nowMs);
      watchedUntilMs.set(vmId, nowMs + WATCHED_MS);
    },
    paceMs: (vmId, usualMs, nowMs) =>
      (watchedUntilMs.get(vmId) ?? 0) > nowMs ? Math.min(usualMs, WATCHED_PACE_MS) : usualMs,
    put: (id, answer, nowMs) => {
      answers.set(id, { answer, untilMs: nowMs + KEPT_MS });
      forget(nowMs);
    },
    answer: (id, nowMs) => {
      const kept = answers.get(id);
      return kept !== undefined && kept.untilMs > nowMs ? kept.answer : undefined;
    },
  };
};
