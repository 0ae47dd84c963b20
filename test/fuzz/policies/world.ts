import type { BootCause } from '../../../agent/boot-record.ts';
import { type Context, DEFAULT_CONTEXT } from '../../../agent/context/schema.ts';
import type { Moment } from '../../../agent/moment.ts';
import type { DecideOutput } from '../../../agent/monitor/decide.ts';
import type { JudgeInput, Windows } from '../../../agent/monitor/judge.ts';
import type { KeptPlan } from '../../../agent/monitor/kept-plan.ts';
import type { Notice } from '../../../agent/monitor/notices/notice.ts';
import type { Order } from '../../../agent/monitor/order.ts';
import type { Preparation } from '../../../agent/monitor/snapshot.ts';
import { type Ending, type MonitorState, newMonitorState } from '../../../agent/monitor/state.ts';
import type { Faulty, Ill } from './happening.ts';
import type { Pilot } from './pilot.ts';
import type { Setting } from './settings.ts';

/** The reducer, or one that is broken on purpose. */
export type Decide = (input: JudgeInput) => DecideOutput;

/** Orders as they were meant: what the VM has been told to do, whether its agent obeys or not. */
export interface Told {
  isHalted: boolean;
  /** Drains that were ordered and not taken back, by their ids: true times by which they end the pilots. */
  drains: Map<string, number>;
  /** Slots whose pilots were ordered to end. */
  ends: Set<string>;
  /** The undrain that was given last. */
  undrainedBy: string;
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
  /** The same of bytes. */
  movedBytes: number;
  lastLookMs: number;
  isDrainFileThere: boolean;
  faults: Set<Faulty>;
  ills: Set<Ill>;
  receiver: {
    isSilent: boolean;
    /** When it last acknowledged something, true time and as the agent knows it. */
    heardMs: number;
    heardAt: Moment | undefined;
    plans: readonly KeptPlan[];
    /** As it told them last; nothing that an agent which has just begun knows. */
    told: readonly KeptPlan[] | undefined;
  };
  notices: {
    /** As the cloud would tell them. */
    given: readonly Notice[];
    canBeAsked: boolean;
    /** As they were told last; nothing that an agent which has just begun knows. */
    told: readonly Notice[] | undefined;
  };
  /** When all must be over, once the system stops. */
  systemStop: Moment | undefined;
  bootCause: BootCause;
  /** Where in this look the agent dies. */
  dies: 'writing' | 'acting' | undefined;
  /** True time at which it ends; infinite where it does not say. */
  credentialEndsMs: number;
  isDiskFull: boolean;
  /** Orders that wait for the next look, and all that were ever given. */
  waiting: Order[];
  given: Order[];
  /** Ids of orders that the agent has dealt with, and that are written down. */
  dealtWith: Set<string>;
  told: Told;
  /** Have begun a payload since the last look. */
  begun: Pilot[];
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
    ...{ pilots: new Map(), loadAverage: 0, usedCoreMs: 0, movedBytes: 0, lastLookMs: 0 },
    ...{ isDrainFileThere: false, faults: new Set(), ills: new Set(), isDiskFull: false },
    receiver: { isSilent: false, heardMs: 0, heardAt: undefined, plans: [], told: undefined },
    notices: { given: [], canBeAsked: true, told: undefined },
    ...{ systemStop: undefined, bootCause: 'first', dies: undefined },
    credentialEndsMs: Number.POSITIVE_INFINITY,
    ...{ waiting: [], given: [], dealtWith: new Set(), offences: new Map(), begun: [] },
    told: {
      isHalted: false,
      drains: new Map(),
      ends: new Set(),
      undrainedBy: '',
      isUndrained: false,
    },
    agent: {
      ...{ state, windows: {}, lookedAt: undefined, canPersist: true },
      ...{ stored: state, latched: undefined, looksUnprepared: 1, isBroken: false },
    },
  };
};

/** What the agent knows of its context at a look. */
export interface Prepared {
  preparation: Preparation;
  context: Context;
}

const PENDING: Prepared = { preparation: { state: 'pending' }, context: DEFAULT_CONTEXT };

export const preparedOf = ({ agent, setting }: World): Prepared => {
  if (agent.looksUnprepared > 0) return PENDING;
  return agent.isBroken ? setting.broken : setting.prepared;
};
