import type { Clock } from '../../platform/clock.ts';

export interface ManualClock extends Clock {
  /** Moves both clocks on and wakes the sleepers whose time has come, in order. */
  advance(ms: number): Promise<void>;
  /** Sets the wall clock alone, as a clock step does. */
  stepWall(ms: number): void;
}

/** Lets everything that is ready run, without waiting for any real time. */
const settle = async (): Promise<void> => {
  for (let turn = 0; turn < 20; turn += 1) await new Promise(resolve => setImmediate(resolve));
};

/** Time that stands still until the test moves it. */
export const createManualClock = (
  wallMs = Date.UTC(2026, 0, 1),
  monotonicMs = 60_000,
): ManualClock => {
  let wall = wallMs;
  let monotonic = monotonicMs;
  const sleepers = new Set<{ at: number; wake: () => void }>();
  return {
    wallMs: () => wall,
    monotonicMs: () => monotonic,
    sleep: (ms, signal) =>
      new Promise(resolve => {
        if (signal?.aborted === true) return resolve();
        const sleeper = {
          at: monotonic + ms,
          wake: () => {
            sleepers.delete(sleeper);
            resolve();
          },
        };
        sleepers.add(sleeper);
        signal?.addEventListener('abort', sleeper.wake, { once: true });
      }),
    advance: async ms => {
      const end = monotonic + ms;
      await settle();
      for (;;) {
        const next = [...sleepers].filter(({ at }) => at <= end).sort((a, b) => a.at - b.at)[0];
        if (next === undefined) break;
        wall += next.at - monotonic;
        monotonic = Math.max(monotonic, next.at);
        next.wake();
        await settle();
      }
      wall += end - monotonic;
      monotonic = end;
      await settle();
    },
    stepWall: ms => {
      wall += ms;
    },
  };
};
