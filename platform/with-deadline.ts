import type { Clock } from './clock.ts';

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
