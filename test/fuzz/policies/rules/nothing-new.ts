import { isUp, type Pilot } from '../pilot.ts';
import type { Rule } from './rule.ts';

/** A drain that was not heard is told again after so long, ms. */
const REPEAT_MS = 60_000;

export const noPilotAfterDrain: Rule = {
  name: 'no-pilot-after-drain',
  told: 'a VM that drains or halts starts no pilot',
  watch:
    () =>
    ({ output }) => {
      if (output.state.ending === undefined) return undefined;
      const started = output.decision.actions.find(({ kind }) => kind === 'start');
      return started === undefined
        ? undefined
        : `pilot ${started.slot}-${started.generation} is started`;
    },
};

/** Since when a pilot has had every chance to hear of the drain. */
interface Heard {
  sinceMs: number;
  /** Looks at which it could have been told again. */
  repeats: number;
}

export const noPayloadAfterDrain: Rule = {
  name: 'no-payload-after-drain',
  told: 'a pilot that can refuse payloads takes none once its VM drains',
  watch: () => {
    let heard = new Map<Pilot, Heard>();
    /** Agents died before they had told them. */
    const missed = new WeakSet<Pilot>();
    return ({ world, output, input }) => {
      for (const pilot of world.begun) {
        const known = heard.get(pilot);
        const isDeaf = (pilot.nature.isDeaf || missed.has(pilot)) && (known?.repeats ?? 0) < 1;
        if (known !== undefined && !isDeaf) return `pilot ${pilot.id} has taken a payload`;
      }
      // Without its context no agent knows how a pilot is told.
      const isTelling =
        output.state.ending !== undefined && input.snapshot.preparation.state === 'done';
      if (!isTelling) {
        if (output.state.ending === undefined) heard = new Map();
        return undefined;
      }
      for (const pilot of world.pilots.values()) {
        const refuses = world.setting.isTold || pilot.nature.heedsFile;
        if (!isUp(pilot) || !refuses) continue;
        if (world.dies === 'acting') missed.add(pilot);
        if (world.dies === 'acting' && !world.setting.isTold) continue;
        const before = heard.get(pilot);
        const isDue = before !== undefined && world.nowMs - before.sinceMs >= REPEAT_MS;
        const slot = output.state.slots[pilot.slot];
        // One that was hurried is sent its signal next.
        const isDraining = slot?.state === 'running' && slot.told === 'drain';
        const isRepeated = isDue && isDraining && world.faults.size === 0;
        const repeats = (before?.repeats ?? 0) + (isRepeated ? 1 : 0);
        heard.set(pilot, { sinceMs: before?.sinceMs ?? world.nowMs, repeats });
      }
      return undefined;
    };
  },
};

export const nothingTwice: Rule = {
  name: 'nothing-twice',
  told: 'no pilot starts while another is in its slot, or what is done cannot be written down',
  watch:
    () =>
    ({ world, input, output }) => {
      for (const { kind, slot, generation } of output.decision.actions) {
        if (kind !== 'start') continue;
        const before = world.pilots.get(slot);
        if (!input.snapshot.canPersist)
          return `pilot ${slot}-${generation} is started, and no disk knows of it`;
        if (before !== undefined && !before.hasEnded)
          return `pilot ${slot}-${generation} is started beside ${before.id}`;
      }
      return undefined;
    },
};
