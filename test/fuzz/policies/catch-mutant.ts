import { makeHistory, runHistory } from './history.ts';
import type { Mutant } from './mutants.ts';
import { mix } from './random.ts';
import { RULES } from './rules/index.ts';
import type { Setting } from './settings.ts';
import type { Decide } from './world.ts';

/** True if the rule that a mutant breaks notices it in one of so many histories. */
export const catchMutant = (
  { breaks, breakIt }: Mutant,
  real: Decide,
  settings: readonly Setting[],
  { seed, histories }: { seed: number; histories: number },
): boolean => {
  const rules = RULES.filter(({ name }) => name === breaks);
  const broken = breakIt(real);
  for (let index = 0; index < histories; index += 1) {
    const history = makeHistory(settings, mix(seed, index));
    if (runHistory(history, broken, rules).violation !== undefined) return true;
  }
  return false;
};
