import { setTimeout as delay } from 'node:timers/promises';

/**
 * Time as the programs see it. Elapsed time is `monotonicMs`, which on Linux counts from the boot and
 * is the same for every process (CLOCK_MONOTONIC); `wallMs` serves only absolute deadlines and text.
 */
export interface Clock {
  wallMs(): number;
  monotonicMs(): number;
  /** Ends early, without an error, when the signal aborts. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
}

export const createClock = (): Clock => ({
  wallMs: () => Date.now(),
  monotonicMs: () => Number(process.hrtime.bigint() / 1000n) / 1000,
  sleep: async (ms, signal) => {
    try {
      await delay(ms, undefined, signal === undefined ? {} : { signal });
    } catch (error) {
      if (signal?.aborted !== true) throw error;
    }
  },
});
