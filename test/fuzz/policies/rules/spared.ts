import { haltAgeMs } from '../../../../agent/monitor/policy/lifetime.ts';
import type { Look } from '../look.ts';
import { isUp, type Pilot } from '../pilot.ts';
import type { Rule } from './rule.ts';

/** What may end pilots that have work. */
interface Ground {
  name: string;
  holds(look: Look): boolean;
}

/** Every deadline that there is. A new policy that sets one adds its line. */
const GROUNDS: readonly Ground[] = [
  { name: 'a halt was ordered', holds: ({ world }) => world.told.isHalted },
  { name: 'a drain was ordered', holds: ({ world }) => world.nowMs >= world.told.drainEndsAtMs },
  {
    name: 'its life is over',
    holds: ({ world: { nowMs, setting }, input }) =>
      nowMs >= Math.min(haltAgeMs(setting.context), haltAgeMs(input.context)),
  },
  { name: 'it is held', holds: ({ input }) => input.state.hold !== undefined },
];

/** It has worked for as long as two looks lie apart at least, and some reading tells of it. */
const isSeenBusy = ({ world }: Look, pilot: Pilot): boolean =>
  isUp(pilot) &&
  !pilot.isEnding &&
  pilot.payloads > 0 &&
  (pilot.nature.speaks || pilot.busySinceMs < world.lastLookMs);

export const busyIsSpared: Rule = {
  name: 'busy-is-spared',
  told: 'without a deadline no VM with a busy payload halts, and no pilot that has one is ended',
  watch: () => {
    let wasHalting = false;
    return look => {
      const { world, input, output } = look;
      const isHalting = output.state.ending?.kind === 'halt';
      const hasHalted = isHalting && !wasHalting;
      wasHalting = isHalting;
      for (const pilot of world.pilots.values()) {
        if (!isSeenBusy(look, pilot) || GROUNDS.some(({ holds }) => holds(look))) continue;
        if (hasHalted) return `the VM halts, and pilot ${pilot.id} has a payload`;
        const isEnded =
          output.state.slots[pilot.slot]?.state === 'stopping' &&
          input.state.slots[pilot.slot]?.state !== 'stopping';
        if (isEnded && !world.offences.has(pilot.slot) && !isHalting)
          return `pilot ${pilot.id} is ended, and has a payload`;
      }
      return undefined;
    };
  },
};
