import * as v from 'valibot';
import { elapsedMs, later, Moment, remainingMs } from '../moment.ts';
import {
  describeExit,
  isSuccess,
  type UnitExit,
  type UnitSighting,
  type UnitSignal,
} from './unit/unit.ts';

const seen = {
  generation: v.number(),
  since: Moment,
  failures: v.number(),
  lastExit: v.optional(v.string()),
};

/** What the agent knows of one slot; persisted, so that a restart starts nothing twice. */
export const SlotState = v.variant('state', [
  /** Nothing runs; the next run may start at `notBefore`. */
  v.object({ ...seen, state: v.literal('waiting'), notBefore: v.optional(Moment) }),
  /** A start was decided and written down; the unit may or may not exist by now. */
  v.object({ ...seen, state: v.literal('starting') }),
  v.object({ ...seen, state: v.literal('running') }),
  /** It was sent TERM, and perhaps KILL. */
  v.object({ ...seen, state: v.literal('stopping'), killed: v.boolean() }),
  /** Its last run ended, and the context wants no other. */
  v.object({ ...seen, state: v.literal('ended') }),
  /** It failed too often in a row. */
  v.object({ ...seen, state: v.literal('gave-up') }),
]);
export type SlotState = v.InferOutput<typeof SlotState>;

export type PilotAction =
  | { kind: 'start'; slot: string; generation: number }
  | { kind: 'signal'; slot: string; generation: number; signal: UnitSignal };

/** What is to become of a slot now: may it start, must it end, and how hard. */
export type Wish = 'work' | 'no-new' | 'terminate' | 'kill';

export interface SupervisePolicy {
  restart: 'always' | 'on-failure' | 'never';
  minimumRun: number;
  first: number;
  most: number;
  giveUpAfter: number;
  killGrace: number;
}

export interface SuperviseInput {
  slot: string;
  now: Moment;
  /** Units of this slot that exist, of whatever generation. */
  sightings: readonly UnitSighting[];
  wish: Wish;
  policy: SupervisePolicy;
  /** From 0 to 1; spreads restarts over a fleet. */
  jitter: number;
}

export interface SuperviseOutput {
  state: SlotState;
  actions: PilotAction[];
}

/** How long a unit may stay unseen after its start was decided. */
const START_GRACE_MS = 30_000;

export const newSlot = (now: Moment): SlotState => ({
  state: 'waiting',
  generation: 0,
  since: now,
  failures: 0,
});

export const isAlive = ({ state }: SlotState): boolean =>
  state === 'starting' || state === 'running' || state === 'stopping';

/** Doubles from failure to failure up to the most, then half of it is left to chance. */
export const backoffMs = (
  failures: number,
  { first, most }: SupervisePolicy,
  jitter: number,
): number => Math.min(most, first * 2 ** Math.min(failures - 1, 30)) * (0.5 + jitter / 2);

/** After a run: try again now or later, rest, or give up. */
const afterEnd = (
  slot: SlotState,
  lastExit: string,
  failed: boolean,
  { now, policy, jitter }: SuperviseInput,
): SlotState => {
  const tooShort = elapsedMs(slot.since, now) < policy.minimumRun;
  const failures = failed || tooShort ? slot.failures + 1 : 0;
  const next = { generation: slot.generation, since: now, failures, lastExit };
  if (policy.restart === 'never' || (policy.restart === 'on-failure' && !failed))
    return { ...next, state: 'ended' };
  if (failures >= policy.giveUpAfter) return { ...next, state: 'gave-up' };
  if (failures === 0) return { ...next, state: 'waiting' };
  return { ...next, state: 'waiting', notBefore: later(now, backoffMs(failures, policy, jitter)) };
};

/** An end that we asked for is no failure. */
const noteEnd = (slot: SlotState, exit: UnitExit, input: SuperviseInput): SlotState => {
  const lastExit = describeExit(exit);
  if (slot.state === 'stopping')
    return {
      state: 'waiting',
      generation: slot.generation,
      since: input.now,
      failures: slot.failures,
      lastExit,
    };
  return afterEnd(slot, lastExit, !isSuccess(exit), input);
};

/** Brings what is remembered in line with what is seen. */
const observe = (slot: SlotState, input: SuperviseInput): SlotState => {
  const { sightings, now } = input;
  const running = sightings
    .filter(({ state }) => state === 'running')
    .map(({ generation }) => generation);
  // A running unit is adopted even if its start was forgotten: a lost state file starts nothing twice.
  const adopted = running.length === 0 ? undefined : Math.max(...running);
  if (adopted !== undefined && (adopted > slot.generation || !isAlive(slot)))
    return { state: 'running', generation: adopted, since: now, failures: slot.failures };
  if (!isAlive(slot)) return slot;
  const own = sightings.find(({ generation }) => generation === slot.generation);
  if (own?.state === 'ended') return noteEnd(slot, own.exit, input);
  if (own?.state === 'running')
    return slot.state === 'starting' ? { ...slot, state: 'running' } : slot;
  if (slot.since.bootId !== now.bootId)
    return {
      state: 'waiting',
      generation: slot.generation,
      since: now,
      failures: slot.failures,
      lastExit: 'lost at a reboot',
    };
  if (slot.state === 'starting' && elapsedMs(slot.since, now) < START_GRACE_MS) return slot;
  const lost = slot.state === 'starting' ? 'never started' : 'vanished without a record';
  return slot.state === 'stopping'
    ? {
        state: 'waiting',
        generation: slot.generation,
        since: now,
        failures: slot.failures,
        lastExit: lost,
      }
    : afterEnd(slot, lost, true, input);
};

const pursue = (
  slot: SlotState,
  { slot: name, now, wish, policy }: SuperviseInput,
): SuperviseOutput => {
  const signal = (signal: UnitSignal): PilotAction => ({
    kind: 'signal',
    slot: name,
    generation: slot.generation,
    signal,
  });
  if (isAlive(slot)) {
    if (wish === 'kill')
      return { state: { ...slot, state: 'stopping', killed: true }, actions: [signal('KILL')] };
    if (slot.state === 'stopping') {
      const isOverdue = elapsedMs(slot.since, now) >= policy.killGrace;
      // KILL is repeated at every look: it may have met a process that was just being born.
      return isOverdue
        ? { state: { ...slot, killed: true }, actions: [signal('KILL')] }
        : { state: slot, actions: [] };
    }
    if (wish !== 'terminate') return { state: slot, actions: [] };
    return {
      state: { ...slot, state: 'stopping', killed: false, since: now },
      actions: [signal('TERM')],
    };
  }
  const isDue =
    slot.state === 'waiting' &&
    (slot.notBefore === undefined || remainingMs(slot.notBefore, now) <= 0);
  if (!isDue || wish !== 'work') return { state: slot, actions: [] };
  const generation = slot.generation + 1;
  return {
    state: {
      state: 'starting',
      generation,
      since: now,
      failures: slot.failures,
      ...(slot.lastExit === undefined ? {} : { lastExit: slot.lastExit }),
    },
    actions: [{ kind: 'start', slot: name, generation }],
  };
};

/** One look at one slot: what was seen, then what to do about it. Pure. */
export const superviseSlot = (slot: SlotState, input: SuperviseInput): SuperviseOutput =>
  pursue(observe(slot, input), input);
