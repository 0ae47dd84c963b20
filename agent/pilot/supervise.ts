import { elapsedMs, later, type Moment, remainingMs } from '../moment.ts';
import type { Answer } from './answer.ts';
import { closeIfAsked, type EndWish, foundOf, hasten } from './asked-end.ts';
import { isIdleForLong, mayLeaveFirst, noteIdleness } from './idle-end.ts';
import type { RunEnd } from './kinds/kind.ts';
import { observeSlot } from './observe-slot.ts';
import type { Outcome } from './outcome.ts';
import { isDeaf, refuse } from './refuse-payloads.ts';
import type { SlotState } from './slot-state.ts';
import type { UnitSighting, UnitSignal } from './unit/unit.ts';

export type PilotAction = { slot: string; generation: number } & (
  | { kind: 'start' }
  | { kind: 'signal'; signal: UnitSignal; to: 'all' | 'main' }
  /** The pilot is told that it will be ended, or no longer, or that its payloads must go now. */
  | { kind: 'drain'; leftMs: number }
  | { kind: 'undrain' }
  | { kind: 'hurry'; leftMs: number }
);

/**
 * What is to become of a slot now: may it start, must it end, and how hard. `no-new` leaves pilots alone,
 * `refuse` tells them to take no more payloads as well.
 */
export type Wish = 'work' | 'no-new' | 'refuse' | 'drain' | 'terminate' | 'kill';

export interface SupervisePolicy {
  restart: 'always' | 'on-failure' | 'never';
  minimumRun: number;
  first: number;
  most: number;
  giveUpAfter: number;
  killGrace: number;
  /** True if its kind is told of drains by more than a file. */
  isTold: boolean;
  /** How long before its end it is hurried; 0: never. */
  hurryMs: number;
  /** A pilot that is idle for this long is ended; `undefined`: never. */
  idleEnd: number | undefined;
  stop: { signal: UnitSignal; to: 'all' | 'main' };
  classify(end: RunEnd): Outcome;
}

export interface SuperviseInput {
  slot: string;
  now: Moment;
  /** When the same agent looked before. */
  lookedAt: Moment | undefined;
  /** Units of this slot that exist, of whatever generation. */
  sightings: readonly UnitSighting[];
  /** What is known of the slot's current run beyond that. */
  answer: Answer | undefined;
  wish: Wish;
  /** What its pilot did that it must be ended for, whatever is wished. */
  offence?: string | undefined;
  /** That one run of it is to be ended, which somebody asked for. */
  end?: EndWish | undefined;
  /** With `drain`: until the pilot is ended. */
  leftMs: number;
  policy: SupervisePolicy;
  /** From 0 to 1; spreads restarts over a fleet. */
  jitter: number;
}

export interface SuperviseOutput {
  state: SlotState;
  actions: PilotAction[];
}

type Stopping = Extract<SlotState, { state: 'stopping' }>;

/** The part of the grace in which payloads save their work, where a pilot that must end is hurried first. */
const SAVING_SHARE = 2 / 3;

/** How the run before this one ended, which is shown for as long as nothing newer is known. */
const lastEndOf = ({ lastExit, outcome }: SlotState): Pick<SlotState, 'lastExit' | 'outcome'> => ({
  ...(lastExit === undefined ? {} : { lastExit }),
  ...(outcome === undefined ? {} : { outcome }),
});

type Alive = Extract<SlotState, { state: 'starting' | 'running' | 'stopping' }>;

/** Its signal now, KILL after the grace; where it can be hurried, its payloads come first. */
const end = (
  slot: Alive,
  input: SuperviseInput,
  act: Acts,
  found?: Outcome,
  because?: string,
): SuperviseOutput => {
  const { now, policy } = input;
  const stopping = {
    state: 'stopping' as const,
    generation: slot.generation,
    failures: slot.failures,
    ...lastEndOf(slot),
    killed: false,
    since: now,
    ...(found === undefined ? {} : { found }),
    ...(because === undefined ? {} : { because }),
    ...(found === undefined || slot.idles === undefined ? {} : { idles: slot.idles }),
  };
  const isHurried = slot.state !== 'stopping' && slot.told === 'hurry';
  if (
    found === 'nothing-to-do' ||
    policy.hurryMs === 0 ||
    isHurried ||
    input.answer?.ready === false
  )
    return { state: stopping, actions: [act.stop()] };
  const leftMs = Math.floor(policy.killGrace * SAVING_SHARE);
  return {
    state: { ...stopping, hurriedUntil: later(now, leftMs) },
    actions: [act.hurry(leftMs)],
  };
};

const goOnEnding = (
  slot: Stopping,
  { now, policy, answer }: SuperviseInput,
  act: Acts,
): SuperviseOutput => {
  // KILL is repeated at every look: it may have met a process that was just being born.
  if (slot.killed || elapsedMs(slot.since, now) >= policy.killGrace)
    return { state: { ...slot, killed: true }, actions: [act.kill()] };
  const { hurriedUntil, ...rest } = slot;
  if (hurriedUntil === undefined) return { state: slot, actions: [] };
  // Once nothing more can run in it there is nothing to wait for.
  return remainingMs(hurriedUntil, now) <= 0 || answer?.ready === false
    ? { state: rest, actions: [act.stop()] }
    : { state: slot, actions: [] };
};

/** What a pilot that goes on is told of its end, as far as it has not been told before. */
const inform = (
  slot: Extract<SlotState, { state: 'starting' | 'running' }>,
  input: SuperviseInput,
  act: Acts,
): SuperviseOutput => {
  const { wish, leftMs, policy, answer, now } = input;
  if (!policy.isTold || slot.state === 'starting') return { state: slot, actions: [] };
  const { told, toldAt, ...rest } = slot;
  const isTakenBack =
    wish === 'refuse'
      ? told === 'drain' || told === 'hurry'
      : wish === 'work' && told !== undefined && told !== 'retire';
  if (isTakenBack) return { state: rest, actions: [act.undrain()] };
  if (wish === 'refuse') return refuse(slot, input, act);
  if (wish !== 'drain') return { state: slot, actions: [] };
  // It has no payload and will take none: what is left of it can go.
  if (answer?.ready === false) return end(slot, input, act);
  if (leftMs <= policy.hurryMs && told !== 'hurry')
    return { state: { ...rest, told: 'hurry' }, actions: [act.hurry(leftMs)] };
  if (told !== undefined && told !== 'refuse' && !isDeaf(slot, input))
    return { state: slot, actions: [] };
  return { state: { ...rest, told: 'drain', toldAt: now }, actions: [act.drain(leftMs)] };
};

/** A pilot with nothing to do goes; nobody else has to. */
const retire = (
  slot: Extract<SlotState, { state: 'starting' | 'running' }>,
  input: SuperviseInput,
  act: Acts,
): SuperviseOutput => {
  if (!mayLeaveFirst(slot, input)) return end(slot, input, act, 'nothing-to-do');
  // What it was told stands, or is told again.
  if (slot.told !== undefined) return inform(slot, input, act);
  return { state: { ...slot, told: 'retire' }, actions: [act.drain(Number.POSITIVE_INFINITY)] };
};

/** The actions on one run. */
const actsOn = ({ slot, policy }: SuperviseInput, generation: number) => {
  const run = { slot, generation };
  return {
    start: (): PilotAction => ({ kind: 'start', ...run }),
    stop: (): PilotAction => ({ kind: 'signal', ...run, ...policy.stop }),
    kill: (): PilotAction => ({ kind: 'signal', ...run, signal: 'KILL', to: 'all' }),
    drain: (leftMs: number): PilotAction => ({ kind: 'drain', ...run, leftMs }),
    undrain: (): PilotAction => ({ kind: 'undrain', ...run }),
    hurry: (leftMs: number): PilotAction => ({ kind: 'hurry', ...run, leftMs }),
  };
};
export type Acts = ReturnType<typeof actsOn>;

/** At once, without its signal and its grace. */
const kill = (
  slot: Alive,
  { now }: SuperviseInput,
  act: Acts,
  asked?: EndWish,
): SuperviseOutput => {
  const { generation, failures } = slot;
  const found = asked === undefined ? undefined : foundOf(asked);
  const stopping: Stopping = {
    ...{ state: 'stopping', killed: true, generation, failures },
    // What was asked for begins now; at a halt a pilot may be ending for long.
    since: asked === undefined ? slot.since : now,
    ...lastEndOf(slot),
    ...(asked === undefined ? {} : { because: asked.because }),
    ...(found === undefined ? {} : { found }),
  };
  return { state: stopping, actions: [act.kill()] };
};

const pursue = (slot: SlotState, input: SuperviseInput): SuperviseOutput => {
  const { now, wish } = input;
  const act = actsOn(input, slot.generation);
  if (slot.state === 'starting' || slot.state === 'running' || slot.state === 'stopping') {
    if (wish === 'kill') return kill(slot, input, act);
    const asked = input.end?.generation === slot.generation ? input.end : undefined;
    if (slot.state === 'stopping')
      return goOnEnding(asked === undefined ? slot : hasten(slot, asked), input, act);
    if (asked?.mode === 'now') return kill(slot, input, act, asked);
    if (asked !== undefined) return end(slot, input, act, foundOf(asked), asked.because);
    if (wish === 'terminate') return end(slot, input, act);
    if (input.offence !== undefined && slot.state === 'running')
      return end(slot, input, act, 'transient', input.offence);
    if (isIdleForLong(slot, input)) return retire(slot, input, act);
    return inform(slot, input, act);
  }
  const isDue =
    slot.state === 'waiting' &&
    (slot.notBefore === undefined || remainingMs(slot.notBefore, now) <= 0);
  if (!isDue || wish !== 'work') return { state: slot, actions: [] };
  const generation = slot.generation + 1;
  const { failures, idles } = slot;
  return {
    state: {
      state: 'starting',
      generation,
      since: now,
      failures,
      ...(idles === undefined ? {} : { idles }),
      ...lastEndOf(slot),
    },
    actions: [actsOn(input, generation).start()],
  };
};

/** One look at one slot: what was seen, then what to do about it. Pure. */
export const superviseSlot = (slot: SlotState, input: SuperviseInput): SuperviseOutput =>
  pursue(closeIfAsked(noteIdleness(observeSlot(slot, input), input), input.end), input);
