import { formatDuration } from '../../../platform/duration.ts';
import { elapsedMs, later } from '../../moment.ts';
import { unitId } from '../../pilot/unit/unit.ts';
import type { Policy, PolicyInput } from './policy.ts';

/** A pilot that goes on and is not known to be idle may have a payload. */
const mayHaveWork = ({ state, snapshot: { sightings, answers } }: PolicyInput): boolean =>
  sightings.some(unit => {
    if (unit.state !== 'running' || state.slots[unit.slot]?.state === 'stopping') return false;
    const payloads = answers?.get(unitId(unit))?.payloads;
    return !(payloads?.ok === true && payloads.value === 0);
  });

/**
 * A VM that cannot work stays up for a while with its evidence, then halts. Payloads that run all the same
 * get the time that a typical one takes.
 */
export const holdEnds: Policy = {
  name: 'hold',
  asks: ['drain', 'halt'],
  when: 'a VM that cannot work was held for its time; it drains if a pilot may still have a payload',
  mode: ({ policies }) => policies.hold.mode,
  judge: input => {
    const { hold } = input.state;
    if (hold === undefined) return { action: 'none', because: 'not held' };
    const { now } = input.snapshot;
    const { hold: holdMs, policies } = input.context;
    const held = elapsedMs(hold.since, now);
    const told = `held for ${formatDuration(held)} of ${formatDuration(holdMs)}: ${hold.reason}`;
    if (held < holdMs) return { action: 'none', because: told };
    if (!mayHaveWork(input)) return { action: 'halt', because: told };
    const deadline = later(hold.since, holdMs + policies.lifetime.payload);
    return { action: 'drain', because: `${told}; payloads may still end`, deadline };
  },
};
