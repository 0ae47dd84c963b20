/**
 * How far a VM is on its way out of its cloud. `to-be-deleted`: it is off, or lost, and still billed; `deleting`: the
 * cloud was asked and has taken it on; `ended`: the cloud, or somebody who asked it, said that it is gone.
 */
export const DELETION_STATES = ['to-be-deleted', 'deleting', 'ended'] as const;
export type DeletionState = (typeof DELETION_STATES)[number];

/** Why it is to be deleted: it said that it powers off, it went silent, or an operator wants it. */
export type DeletionCause = 'halted' | 'lost' | 'operator';

/** Times are the receiver's own, ms since 1970. */
export interface Deletion {
  state: DeletionState;
  cause: DeletionCause;
  /** Since when it is in this state. */
  sinceMs: number;
  /** When the hook is to be asked next; absent once that is over. */
  dueMs?: number;
  /** How often it was asked in vain, or only to hear that the cloud is still at it. */
  attempts: number;
  /** The hook wants to be asked no more; an operator may. */
  hasGivenUp?: boolean;
  /** What was said last: by the hook, or who said that it is gone. */
  said: string;
}

/** What a call of a hook came to. */
export const HOOK_OUTCOMES = ['done', 'asked', 'not-found', 'later', 'gave-up'] as const;
export type HookOutcome = (typeof HOOK_OUTCOMES)[number];

const MINUTE_MS = 60_000;
const LATER_MS = { first: MINUTE_MS / 2, most: 60 * MINUTE_MS };
const ASKED_MS = { first: MINUTE_MS / 4, most: 5 * MINUTE_MS };
/** So that what failed together is not tried again together. */
const SPREAD = 0.1;

/**
 * How long to wait before the next call, ms: twice as long each time, up to a bound.
 * @param attempts made so far
 * @param random evenly spread in [0, 1)
 */
export const backOffMs = (
  attempts: number,
  { first, most }: { first: number; most: number } = LATER_MS,
  random = 0.5,
): number =>
  Math.round(
    Math.min(most, first * 2 ** Math.min(attempts - 1, 30)) * (1 + SPREAD * (2 * random - 1)),
  );

/** @param delayMs before the hook is first asked */
export const openDeletion = (cause: DeletionCause, nowMs: number, delayMs = 0): Deletion => ({
  state: 'to-be-deleted',
  cause,
  sinceMs: nowMs,
  dueMs: nowMs + delayMs,
  attempts: 0,
  said: '',
});

const inState = (deletion: Deletion, state: DeletionState, nowMs: number): Deletion => {
  const { dueMs: _, hasGivenUp: __, ...rest } = deletion;
  return state === deletion.state
    ? { ...rest, state }
    : { ...rest, state, sinceMs: nowMs, attempts: 0 };
};

export const endDeletion = (deletion: Deletion, said: string, nowMs: number): Deletion => ({
  ...inState(deletion, 'ended', nowMs),
  said,
});

/** After the hook was asked to delete it. An end stands, whatever a late call says. */
export const afterDeleteHook = (
  deletion: Deletion,
  { outcome, said }: { outcome: HookOutcome; said: string },
  nowMs: number,
  random: number,
): Deletion => {
  if (deletion.state === 'ended') return deletion;
  switch (outcome) {
    case 'done':
    case 'not-found':
      return endDeletion(deletion, said, nowMs);
    case 'asked': {
      const next = inState(deletion, 'deleting', nowMs);
      const attempts = next.attempts + 1;
      return { ...next, said, attempts, dueMs: nowMs + backOffMs(attempts, ASKED_MS, random) };
    }
    case 'later': {
      const attempts = deletion.attempts + 1;
      return { ...deletion, said, attempts, dueMs: nowMs + backOffMs(attempts, LATER_MS, random) };
    }
    case 'gave-up': {
      const { dueMs: _, ...rest } = deletion;
      return { ...rest, said, attempts: deletion.attempts + 1, hasGivenUp: true };
    }
  }
};

/** An operator wants it deleted, for the first time or once more. What has ended stays so. */
export const askDeletion = (deletion: Deletion | undefined, nowMs: number): Deletion => {
  if (deletion === undefined) return openDeletion('operator', nowMs);
  if (deletion.state === 'ended') return deletion;
  const { hasGivenUp: _, ...rest } = deletion;
  return { ...rest, attempts: 0, dueMs: nowMs };
};
