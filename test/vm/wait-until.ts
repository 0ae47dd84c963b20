import { setTimeout as delay } from 'node:timers/promises';

const PAUSE_MS = 500;

/**
 * Looks again and again until there is something to see. What `look` throws is passed on at once.
 * @throws Error with `what`, when the time is over
 */
export const waitUntil = async <T>(
  what: string,
  timeoutMs: number,
  look: () => T | undefined | Promise<T | undefined>,
): Promise<T> => {
  const endsAt = performance.now() + timeoutMs;
  for (;;) {
    const seen = await look();
    if (seen !== undefined) return seen;
    if (performance.now() > endsAt) throw new Error(`not within ${timeoutMs} ms: ${what}`);
    await delay(PAUSE_MS);
  }
};
