import type { Happening } from './happening.ts';
import { type History, runHistory } from './history.ts';
import type { Rule } from './rules/rule.ts';
import type { Decide } from './world.ts';

/** A history is tried without parts of it at most so often. */
const TRIES = 3000;
const SHORT_MS = [1000, 10_000] as const;

/**
 * The same violation by fewer events: leaves out what does not matter, by halves and then one by one, and lets less
 * time pass where that will do.
 */
export const shrink = (history: History, decide: Decide, rule: Rule): History => {
  let tries = 0;
  let smallest = history;
  const isEnough = (happenings: readonly Happening[]): boolean => {
    tries += 1;
    const smaller = { ...history, happenings };
    const { violation } = runHistory(smaller, decide, [rule]);
    if (violation === undefined) return false;
    smallest = { ...smaller, happenings: happenings.slice(0, violation.at + 1) };
    return true;
  };
  if (!isEnough(history.happenings)) return history;

  const leaveOut = (): boolean => {
    const { length } = smallest.happenings;
    for (let size = Math.ceil(length / 2); size >= 1; size = size === 1 ? 0 : Math.ceil(size / 2))
      for (let from = 0; from < smallest.happenings.length && tries < TRIES; ) {
        const { happenings } = smallest;
        if (!isEnough([...happenings.slice(0, from), ...happenings.slice(from + size)]))
          from += size;
      }
    return smallest.happenings.length < length;
  };
  const simplify = (): void => {
    for (let at = 0; at < smallest.happenings.length && tries < TRIES; at += 1) {
      const { happenings } = smallest;
      const happening = happenings[at];
      if (happening === undefined) return;
      const { afterMs } = happening;
      const simpler: Happening[] = [
        { what: 'nothing', afterMs },
        ...SHORT_MS.filter(ms => ms < afterMs).map(ms => ({ ...happening, afterMs: ms })),
      ];
      if (happening.what === 'nothing') simpler.shift();
      if (happening.isUnseen === true) simpler.push({ ...happening, isUnseen: false });
      simpler.some(each => isEnough(happenings.with(at, each)));
    }
  };

  while (leaveOut()) simplify();
  return smallest;
};
