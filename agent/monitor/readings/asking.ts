import type { Clock } from '../../../platform/clock.ts';
import { messageOf } from '../../../platform/errors.ts';
import type { Log } from '../../../platform/log.ts';
import { waitAtMost, withDeadline } from '../../../platform/with-deadline.ts';
import { hangingPid, type IsLeft, isGroupLeft } from './hanging.ts';

/** Those that share one are asked one at a time. */
export interface Turn {
  isTaken: boolean;
}

export interface AskingOptions {
  /** For the log, as in `the use of the GPUs`. */
  what: string;
  everyMs: number;
  /** One answer takes no longer; then it has failed, whatever still hangs. */
  timeoutMs: number;
  /** `undefined`: it waits for no other. */
  turn?: Turn | undefined;
}

/** What is known of what is asked once in a while. */
export interface Known<T> {
  /** The last good answer, and when it was asked for: it is as old as that at most. */
  answer?: { value: T; atMs: number };
  /** When the last try began, if that one went wrong. */
  failedAtMs?: number;
}

/** What costs too much to be read at every look: asked beside the looks, which never wait for it. */
export interface Asking<T> {
  /** What is known by now; begins to ask where it is time for that. Never fails. */
  look(nowMs: number, ask: (signal: AbortSignal) => Promise<T>): Known<T>;
}

/** What does not end on a signal is left to itself this long after it. */
const GRACE_MS = 2000;
/** How many times the usual interval an answer may be old before it counts as none. */
const STALE_TIMES = 4;

/** Old enough to count as none. */
export const isStale = (atMs: number, nowMs: number, everyMs: number): boolean =>
  nowMs - atMs > STALE_TIMES * everyMs;

/** Never two at once: what hangs is not asked again until it has let go, though others of its turn go on. */
export const createAsking = <T>(
  { clock, log }: { clock: Clock; log: Log },
  { what, everyMs, timeoutMs, turn }: AskingOptions,
  isLeft: IsLeft = isGroupLeft,
): Asking<T> => {
  let askedAtMs = Number.NEGATIVE_INFINITY;
  let isAsking = false;
  /** A program that was killed and has not died. */
  let hanging: number | undefined;
  let known: Known<T> = {};
  let complaint = '';

  const fail = (atMs: number, why: string): void => {
    known = { ...known, failedAtMs: atMs };
    if (why !== complaint) log.warn({ error: why }, `${what} could not be read`);
    complaint = why;
  };

  const askInTime = async (
    ask: (signal: AbortSignal) => Promise<T>,
    atMs: number,
  ): Promise<void> => {
    const asked = withDeadline(clock, timeoutMs, ask).then(
      value => () => {
        known = { answer: { value, atMs } };
        complaint = '';
      },
      (error: unknown) => {
        hanging = hangingPid(error);
        return () => fail(atMs, messageOf(error));
      },
    );
    void asked.then(() => {
      isAsking = false;
    });
    const settle = await waitAtMost(clock, timeoutMs + GRACE_MS, asked);
    if (turn !== undefined) turn.isTaken = false;
    if (settle === undefined) fail(atMs, `no answer within ${timeoutMs} ms`);
    else settle();
  };

  return {
    look: (nowMs, ask) => {
      const isTime = nowMs - askedAtMs >= everyMs && !isAsking && turn?.isTaken !== true;
      if (isTime && !(hanging !== undefined && isLeft(hanging))) {
        hanging = undefined;
        askedAtMs = nowMs;
        isAsking = true;
        if (turn !== undefined) turn.isTaken = true;
        void askInTime(ask, nowMs);
      }
      return known;
    },
  };
};
