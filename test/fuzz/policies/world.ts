import { DEFAULT_CONTEXT } from '../../../agent/context/schema.ts';
import type { Moment } from '../../../agent/moment.ts';
import type { DecideOutput } from '../../../agent/monitor/decide.ts';
import type { JudgeInput, Windows } from '../../../agent/monitor/judge.ts';
import type { Order } from '../../../agent/monitor/order.ts';
import type { Preparation } from '../../../agent/monitor/snapshot.ts';
import { type Ending, type MonitorState, newMonitorState } from '../../../agent/monitor/state.ts';
import type { Faulty } from './happening.ts';
import type { Pilot } from './pilot.ts';
import type { Setting } from './settings.ts';

/** The reducer, or one that is broken on purpose. */
export type Decide = (input: JudgeInput) => DecideOutput;

/** Orders as they were meant: what the VM has been told to do, whether its agent obeys or not. */
export interface Told {
  isHalted: boolean;
  /** True time by which a drain that was ordered ends the pilots; infinite while there is none. */
  drainEndsAtMs: number;
  /** One was taken back in this look. */
  isUndrained: boolean;
}

/**
 * A modelled VM: what is true of it, and what its agent has in memory and on disk. It is changed in place, since a
 * hundred thousand histories are to fit into a minute.
 */
export interface World {
  readonly setting: Setting;
  readonly seed: number;
  /** Since the VM was first started, ms; no clock shows it. */
  nowMs: number;
  /** By how much the wall clock is wrong. */
  clockOffMs: number;
  boots: number;
  bootedAtMs: number;
  /** The newest run of each slot. */
  pilots: Map<string, Pilot>;
  /** As a load average would follow. */
  loadAverage: number;
  /** Core seconds that pilots have used since the last look. */
  usedCoreMs: number;
  lastLookMs: number;
  isDrainFileThere: boolean;
  faults: Set<Faulty>;
  isDiskFull: boolean;
  /** Orders that wait for the next look, and all that were ever given. */
  waiting: Order[];
  given: Order[];
  /** Ids of orders that the agent has dealt with, and that are written down. */
  dealtWith: Set<string>;
  told: Told;
  /** Slots whose pilots took more than is theirs. */
  offences: Map<string, string>;
  agent: {
    state: MonitorState;
    windows: Windows;
    lookedAt: Moment | undefined;
    canPersist: boolean;
    /** What a restart finds: the state file, and the latch, which is overwritten in place. */
    stored: MonitorState;
    latched: Ending | undefined;
    /** Looks until it knows its context. */
    looksUnprepared: number;
    isBroken: boolean;
  };
}

/** Where the model's wall clock begins. */
const EPOCH_MS = Date.UTC(2026, 0, 1);
/** From the boot to the agent's first look. */
const BOOTED_MS = 10_000;

export const momentOf = ({ boots, nowMs, bootedAtMs, clockOffMs }: World): Moment => ({
  bootId: `boot-${boots}`,
  monotonicMs: nowMs - bootedAtMs + BOOTED_MS,
  wallMs: EPOCH_MS + nowMs + clockOffMs,
});

export const createWorld = (setting: Setting, seed: number): World => {
  const firstStart = { bootId: 'boot-0', monotonicMs: BOOTED_MS, wallMs: EPOCH_MS };
  const state = newMonitorState('fuzzed', firstStart);
  return {
    ...{ setting, seed, nowMs: 0, clockOffMs: 0, boots: 0, bootedAtMs: 0 },
    ...{ pilots: new Map(), loadAverage: 0, usedCoreMs: 0, lastLookMs: 0 },
    ...{ isDrainFileThere: false, faults: new Set(), isDiskFull: false },
    ...{ waiting: [], given: [], dealtWith: new Set(), offences: new Map() },
    told: { isHalted: false, drainEndsAtMs: Number.POSITIVE_INFINITY, isUndrained: false },
    agent: {
      ...{ state, windows: {}, lookedAt: undefined, canPersist: true },
      ...{ stored: state, latched: undefined, looksUnprepared: 1, isBroken: false },
    },
  };
};

const PENDING: Preparation = { state: 'pending' };
const BROKEN: Preparation = { state: 'failed', reason: 'fuzz:1: the context is broken' };

/** What the agent knows of its context at this look. */
export const preparedOf = ({
  agent,
  setting,
}: World): Pick<JudgeInput, 'context'> & {
  preparation: Preparation;
} => {
  if (agent.looksUnprepared > 0) return { preparation: PENDING, context: DEFAULT_CONTEXT };
  return agent.isBroken
    ? { preparation: BROKEN, context: { ...DEFAULT_CONTEXT, hold: setting.context.hold } }
    : { preparation: { state: 'done', slots: setting.slots }, context: setting.context };
};
