import type { Context } from '../../../../agent/context/schema.ts';
import { elapsedMs, remainingMs } from '../../../../agent/moment.ts';
import { causesOf } from '../../../../agent/monitor/drain-causes.ts';
import { haltAgeMs } from '../../../../agent/monitor/policy/lifetime.ts';
import type { Look } from '../look.ts';
import { isUp, type Pilot } from '../pilot.ts';
import type { Rule } from './rule.ts';

/** What may end pilots that have work. */
interface Ground {
  name: string;
  holds(look: Look): boolean;
}

/** What an end takes at most. */
const neededOf = ({ ending: { killGrace, farewell } }: Pick<Context, 'ending'>): number =>
  killGrace + farewell;

/** What a restart may take for silence, as a share of a lease. */
const LEASE_SHARE = 1 / 20;

/** Whose drains are known by their latched deadlines alone. */
const LATCHED = ['credential-expiry', 'hold'];

/** Every deadline that there is. A new policy that sets one adds its line. */
const GROUNDS: readonly Ground[] = [
  { name: 'a halt was ordered', holds: ({ world }) => world.told.isHalted },
  {
    name: 'a drain was ordered',
    holds: ({ world: { nowMs, told } }) => [...told.drains.values()].some(ms => ms <= nowMs),
  },
  {
    name: 'its life is over',
    holds: ({ world: { nowMs, setting }, input }) =>
      nowMs >= Math.min(haltAgeMs(setting.context), haltAgeMs(input.context)),
  },
  {
    name: 'it was held for its time, and for that of a payload',
    holds: ({ world: { setting }, input: { state, snapshot, context } }) => {
      const times = [setting.context, context].map(
        ({ hold, policies }) => hold + policies.lifetime.payload,
      );
      return (
        state.hold !== undefined && elapsedMs(state.hold.since, snapshot.now) >= Math.min(...times)
      );
    },
  },
  {
    name: 'its lease has run out',
    holds: ({ world: { nowMs, receiver, setting } }) => {
      const { lease = Number.POSITIVE_INFINITY } = setting.context.policies.lostReceiver;
      return nowMs - receiver.heardMs >= lease * (1 - LEASE_SHARE);
    },
  },
  {
    name: 'what the receiver plans begins',
    holds: ({ world: { setting }, output: { state }, input: { snapshot, context } }) => {
      const neededMs = Math.max(neededOf(setting.context), neededOf(context));
      return (state.plans ?? []).some(({ from }) => remainingMs(from, snapshot.now) <= neededMs);
    },
  },
  {
    name: 'the cloud takes it',
    holds: ({ world: { notices, setting }, input: { snapshot, context } }) => {
      const neededMs = Math.max(neededOf(setting.context), neededOf(context));
      return (notices.told ?? []).some(
        ({ kind, deadline }) =>
          kind === 'preempt' &&
          (deadline === undefined || remainingMs(deadline, snapshot.now) <= neededMs),
      );
    },
  },
  {
    name: 'its system stops',
    holds: ({ world: { systemStop, setting }, input: { snapshot, context } }) =>
      systemStop !== undefined &&
      remainingMs(systemStop, snapshot.now) <=
        Math.max(neededOf(setting.context), neededOf(context)),
  },
  {
    name: 'its machine was rebooted, and nobody had asked for that',
    holds: ({ world: { bootCause } }) => bootCause === 'unasked',
  },
  {
    name: 'a drain without a deadline of its own is over',
    holds: ({ world: { notices }, input: { state, snapshot } }) =>
      causesOf(state.ending).some(
        ({ by, deadline }) =>
          remainingMs(deadline, snapshot.now) <= 0 &&
          // Of a notice that an agent before this one heard nothing else is known.
          (LATCHED.includes(by) || (by === 'preemption' && !notices.canBeAsked)),
      ),
  },
];

/** It has worked for as long as two looks lie apart at least, and some reading tells of it. */
const isSeenBusy = ({ world }: Look, pilot: Pilot): boolean =>
  isUp(pilot) &&
  !pilot.isEnding &&
  pilot.payloads > 0 &&
  pilot.work !== 'hangs' &&
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
        const isEnded =
          output.state.slots[pilot.slot]?.state === 'stopping' &&
          input.state.slots[pilot.slot]?.state !== 'stopping';
        // One that was ended by order may have taken a payload before it heard of that.
        if (world.offences.has(pilot.slot) || world.told.ends.has(pilot.slot)) continue;
        if (hasHalted) return `the VM halts, and pilot ${pilot.id} has a payload`;
        if (isEnded && !isHalting) return `pilot ${pilot.id} is ended, and has a payload`;
      }
      return undefined;
    };
  },
};
