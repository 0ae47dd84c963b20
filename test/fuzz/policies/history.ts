import { happen, restartAgent } from './happen.ts';
import { type Happening, makeHappening, type Temper } from './happening.ts';
import { carryOut, type Look, look } from './look.ts';
import { createRandom, mix } from './random.ts';
import type { Rule } from './rules/rule.ts';
import type { Setting } from './settings.ts';
import { createWorld, type Decide, type World } from './world.ts';

/** The life of a VM as data: replayed, it is always the same, also with events left out. */
export interface History {
  setting: Setting;
  /** Of what no event says, such as how a pilot takes its signal. */
  seed: number;
  happenings: readonly Happening[];
}

export interface Violation {
  rule: string;
  told: string;
  /** The index of the event after which it was seen. */
  at: number;
}

export interface Course {
  /** Events that came to pass before the VM was off. */
  events: number;
  violation: Violation | undefined;
}

const FEWEST = 100;
const MOST = 340;
const TEMPERS = [
  { calm: 0 },
  { calm: 0.5 },
  { calm: 0.8 },
  { calm: 0.9 },
  { calm: 0.85, theme: 'orders' },
  { calm: 0.85, theme: 'notices' },
] as const satisfies readonly Temper[];

export const makeHistory = (settings: readonly Setting[], seed: number): History => {
  const random = createRandom(seed);
  const setting = settings[random.below(settings.length)];
  if (setting === undefined) throw new Error('a history needs a setting');
  const length = FEWEST + random.below(MOST - FEWEST);
  const temper = random.pick(TEMPERS);
  const happenings = Array.from({ length }, () => makeHappening(random, temper));
  return { setting, seed: mix(seed, 1), happenings };
};

/** The next agent, after one that died in its look. */
const begin = (world: World): void => {
  world.dies = undefined;
  restartAgent(world, { looks: 0, isBroken: false, forgets: false });
};

/**
 * Lets a history come to pass until it breaks a rule, or its VM is off.
 * @param seen is told of each look
 */
export const runHistory = (
  { setting, seed, happenings }: History,
  decide: Decide,
  rules: readonly Rule[],
  seen?: (look: Look, at: number) => void,
): Course => {
  const world = createWorld(setting, seed);
  const watches = rules.map(({ name, watch }) => ({ name, check: watch() }));
  let events = 0;
  for (const happening of happenings) {
    happen(world, happening);
    events += 1;
    if (happening.isUnseen === true) continue;
    const toldBefore = world.dies === 'writing' ? structuredClone(world.told) : world.told;
    const looked = look(world, decide);
    if (world.dies === 'writing') {
      // Nobody will know what was decided; what was ordered comes once more.
      world.told = toldBefore;
      begin(world);
      continue;
    }
    seen?.(looked, events - 1);
    for (const { name, check } of watches) {
      const told = check(looked);
      if (told !== undefined) return { events, violation: { rule: name, told, at: events - 1 } };
    }
    if (looked.output.decision.finish) break;
    carryOut(world, looked.output);
    if (world.dies !== undefined) begin(world);
  }
  return { events, violation: undefined };
};
