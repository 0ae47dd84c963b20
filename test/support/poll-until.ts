import { setTimeout as delay } from 'node:timers/promises';

export interface PollOptions {
  timeoutMs: number;
  /** Between two looks, ms. */
  everyMs?: number;
  signal?: AbortSignal;
}

/**
 * Looks again and again until there is something to see. What `look` throws is passed on at once.
 * @throws Error with `what`, when the time is over; AbortError when the signal comes
 */
export const pollUntil = async <T>(
  what: string,
  { timeoutMs, everyMs = 100, signal }: PollOptions,
  look: () => T | undefined | Promise<T | undefined>,
): Promise<T> => {
  const endsAt = performance.now() + timeoutMs;
  for (;;) {
    signal?.throwIfAborted();
    const seen = await look();
    if (seen !== undefined) return seen;
    if (performance.now() > endsAt)
      throw new Error(`not within ${(timeoutMs / 1000).toFixed(1)} s: ${what}`);
    await delay(everyMs, undefined, signal === undefined ? {} : { signal });
  }
};
