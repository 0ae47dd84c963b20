import { measured, NO_DATA, type Reading } from '../../reading.ts';

/** What only ever grows, by the name of who counts it: an interface, a disk, a repository. */
export type Counters = ReadonlyMap<string, number>;

/** Counters at one look. */
export interface CounterSample {
  monotonicMs: number;
  counters: Reading<Counters>;
}

/** By how much all that were there both times have grown; one that began anew has grown by nothing. */
export const growth = (before: Counters, now: Counters): number =>
  [...now].reduce((sum, [name, value]) => {
    const previous = before.get(name);
    return previous === undefined ? sum : sum + Math.max(0, value - previous);
  }, 0);

/** Growth per ms between two looks; of a first look there is none. */
export const growthPerMs = (before: CounterSample | undefined, now: CounterSample): Reading => {
  if (!now.counters.ok) return now.counters;
  const elapsedMs = before === undefined ? 0 : now.monotonicMs - before.monotonicMs;
  if (before === undefined || !before.counters.ok || elapsedMs <= 0) return NO_DATA;
  return measured(growth(before.counters.value, now.counters.value) / elapsedMs);
};
