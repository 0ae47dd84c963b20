import type { Answer } from '../../../agent/pilot/answer.ts';
import type { PilotAction } from '../../../agent/pilot/supervise.ts';
import type { UnitExit, UnitSighting } from '../../../agent/pilot/unit/unit.ts';
import { FAILED, measured, NO_DATA } from '../../../agent/reading.ts';
import type { Work } from './happening.ts';
import { createRandom, mix } from './random.ts';

/** How one run of a pilot takes what is done to it. */
interface Nature {
  /** Until its unit is there, ms: no time, but where something is fetched first. */
  startMs: number;
  isFetched: boolean;
  failsToStart: boolean;
  /** It says what payloads it has. */
  speaks: boolean;
  /** It looks at the drain file, and takes no payload once that is there. */
  heedsFile: boolean;
  /** It does not hear what it is told first. */
  isDeaf: boolean;
  /** From its signal to its end, ms; one that ignores it never ends by it. */
  stopMs: number;
  /** It hangs in the kernel, and outlives KILL for so long, ms. */
  hangMs: number;
}

/** One run of a pilot in a modelled VM: what is true of it, whether the agent knows or not. */
export interface Pilot {
  readonly id: string;
  readonly slot: string;
  readonly generation: number;
  readonly nature: Nature;
  /** True times, ms. */
  bornAtMs: number;
  endsAtMs: number;
  exit: UnitExit;
  isBorn: boolean;
  hasEnded: boolean;
  payloads: number;
  /** Since when it has had any. */
  busySinceMs: number;
  work: Work;
  payloadsStarted: number;
  /** It was told to take no more, and has heard it. */
  isDraining: boolean;
  /** It was sent its signal, and takes nothing any more. */
  isEnding: boolean;
  timesTold: number;
}

const ENDED_WELL: UnitExit = { result: 'success', code: 'exited', status: '0' };
const ENDED_BADLY: UnitExit = { result: 'exit-code', code: 'exited', status: '1' };
const TERMINATED: UnitExit = { result: 'success', code: 'killed', status: 'TERM' };
const KILLED: UnitExit = { result: 'signal', code: 'killed', status: 'KILL' };
const NOT_STARTED: UnitExit = { result: 'start-failed', code: 'failed', status: '-' };

const natureOf = (seed: number, isTold: boolean): Nature => {
  const random = createRandom(seed);
  const isFetched = random.chance(0.1);
  return {
    isFetched,
    startMs: isFetched ? random.below(900_000) : 0,
    failsToStart: random.chance(0.05),
    speaks: isTold || random.chance(0.6),
    heedsFile: !isTold && random.chance(0.5),
    isDeaf: isTold && random.chance(0.1),
    stopMs: random.chance(0.2) ? Number.POSITIVE_INFINITY : random.below(20_000),
    hangMs: random.chance(0.1) ? (random.chance(0.5) ? Number.POSITIVE_INFINITY : 300_000) : 0,
  };
};

/** @param seed of the history: the same run has the same nature, whatever else was left out of it */
export const startPilot = (
  { slot, generation }: Pick<PilotAction, 'slot' | 'generation'>,
  nowMs: number,
  { seed, isTold }: { seed: number; isTold: boolean },
): Pilot => {
  const nature = natureOf(mix(seed, Number(slot), generation), isTold);
  const { startMs, failsToStart } = nature;
  return {
    ...{ id: `${slot}-${generation}`, slot, generation, nature },
    bornAtMs: nowMs + startMs,
    endsAtMs: failsToStart ? nowMs + startMs : Number.POSITIVE_INFINITY,
    exit: NOT_STARTED,
    ...{
      isBorn: false,
      hasEnded: false,
      payloads: 0,
      busySinceMs: 0,
      work: 'cpu',
      payloadsStarted: 0,
    },
    ...{ isDraining: false, isEnding: false, timesTold: 0 },
  };
};

export const isUp = ({ isBorn, hasEnded }: Pilot): boolean => isBorn && !hasEnded;

const endAt = (pilot: Pilot, atMs: number, exit: UnitExit): void => {
  if (pilot.hasEnded || atMs >= pilot.endsAtMs) return;
  pilot.endsAtMs = atMs;
  pilot.exit = exit;
};

/** What has come due by now comes true. */
export const passTime = (pilot: Pilot, nowMs: number): void => {
  if (pilot.hasEnded) return;
  if (pilot.endsAtMs <= nowMs) {
    pilot.hasEnded = true;
    pilot.payloads = 0;
  } else if (pilot.bornAtMs <= nowMs) pilot.isBorn = true;
};

export const endByItself = (pilot: Pilot, nowMs: number, well: boolean): void => {
  if (!isUp(pilot)) return;
  endAt(pilot, nowMs, well ? ENDED_WELL : ENDED_BADLY);
  passTime(pilot, nowMs);
};

/** What the agent does to it. */
export const actOn = (pilot: Pilot, action: PilotAction, nowMs: number): void => {
  const { stopMs, hangMs, isDeaf } = pilot.nature;
  switch (action.kind) {
    case 'signal':
      // What is still fetched for it is given up; a unit that is not there yet is missed.
      if (!pilot.isBorn) {
        if (pilot.nature.isFetched) endAt(pilot, nowMs, NOT_STARTED);
        return;
      }
      pilot.isEnding = true;
      if (action.signal === 'KILL') endAt(pilot, nowMs + hangMs, KILLED);
      else endAt(pilot, nowMs + stopMs, TERMINATED);
      return;
    case 'drain':
    case 'hurry':
      pilot.timesTold += 1;
      if (!isDeaf || pilot.timesTold > 1) pilot.isDraining = true;
      if (action.kind === 'hurry' && pilot.isDraining) pilot.payloads = 0;
      return;
    case 'undrain':
      pilot.isDraining = false;
      pilot.timesTold = 0;
      return;
    case 'start':
      return;
  }
};

/** @param hasFailed nobody could read what it says */
export const answerOf = (pilot: Pilot, isTold: boolean, hasFailed: boolean): Answer => {
  const { payloads, payloadsStarted, isDraining, nature } = pilot;
  const told = hasFailed ? FAILED : nature.speaks ? measured(payloads) : NO_DATA;
  if (!isTold) return { payloads: told };
  return hasFailed
    ? { payloads: told, ready: true }
    : { payloads: told, ready: true, draining: isDraining, payloadsStarted };
};

export const sightingOf = (
  { slot, generation, isBorn, hasEnded, exit, nature }: Pilot,
  nowMs: number,
): UnitSighting | undefined => {
  if (hasEnded) return { slot, generation, state: 'ended', exit };
  if (isBorn) return { slot, generation, state: 'running', cpuMs: measured(nowMs) };
  return nature.isFetched ? { slot, generation, state: 'preparing' } : undefined;
};
