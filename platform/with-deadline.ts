import type { Clock } from './clock.ts';

/** What is waited for, or `undefined` once the time is over; it may go on, since nothing ends it. */
export const waitAtMost = async <T>(
  clock: Clock,
  ms: number,
  work: Promise<T>,
): Promise<T | undefined> => {
  const done = new AbortController();
  const late = clock.sleep(ms, done.signal).then(() => undefined);
  try {
    return await Promise.race([work, late]);
  } finally {
    done.abort();
  }
};

/** Work with a signal that aborts once its time is over, by a clock that tests can move. */
export const withDeadline = async <T>(
  clock: Clock,
  ms: number,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> => {
  const over = new AbortController();
  const done = new AbortController();
  const timer = clock.sleep(ms, done.signal).then(() => over.abort());
  try {
    return await work(over.signal);
  } finally {
    done.abort();
    await timer;
  }
};
