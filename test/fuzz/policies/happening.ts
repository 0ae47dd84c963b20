import { PLAN_KINDS, type PlanKind } from '../../../protocol/plan.ts';
import type { Random } from './random.ts';

/**
 * What a payload does, and so which reading tells of it: one that moves data is seen by the traffic; one that waits
 * is known by its pilot's word alone; one that hangs on a dead mount raises the load, and is no work.
 */
const WORKS = ['cpu', 'cpu', 'gpu', 'moves', 'waits', 'hangs'] as const;
export type Work = (typeof WORKS)[number];

/** Readings that may fail. */
const FAULTY = ['load', 'payloads', 'gpus', 'answers', 'traffic', 'health', 'all'] as const;
export type Faulty = (typeof FAULTY)[number];

/** What may be wrong with a node. */
const ILLS = ['cvmfs', 'disk', 'squid'] as const;
export type Ill = (typeof ILLS)[number];

type What =
  | { what: 'nothing' }
  /** One that is late has expired before it is seen; one that is held back comes when it comes again. */
  | {
      what: 'order';
      kind: 'drain' | 'undrain' | 'halt' | 'end-pilot' | 'unknown';
      deadlineMs?: number;
      mode?: 'graceful' | 'now';
      isLate: boolean;
      isHeldBack: boolean;
      /** With end-pilot. */
      slot?: number;
      restart?: boolean;
    }
  /** An order that was delivered before comes once more, the so many last one. */
  | { what: 'order again'; back: number }
  | { what: 'payload starts'; slot: number; work: Work; count: number }
  | { what: 'payloads end'; slot: number }
  | { what: 'pilot ends'; slot: number; well: boolean }
  | { what: 'pilot offends'; slot: number }
  | { what: 'reading fails'; of: Faulty }
  | { what: 'readings mended' }
  | { what: 'node falls ill'; of: Ill }
  | { what: 'node is well' }
  | { what: 'receiver falls silent' }
  | { what: 'receiver is heard' }
  | { what: 'receiver plans'; kind: PlanKind; startsInMs: number; endsInMs?: number }
  | { what: 'plans are withdrawn' }
  | { what: 'credential'; leftMs: number }
  | { what: 'notice'; kind: 'preempt' | 'advice'; deadlineMs?: number }
  | { what: 'notices are withdrawn' }
  | { what: 'notices cannot be asked' }
  | { what: 'notices can be asked' }
  | { what: 'system stops'; leftMs: number }
  /** While it looks: before it has written down what it decided, or before it has done any of that. */
  | { what: 'agent dies'; before: 'writing' | 'acting' }
  | { what: 'disk full' }
  | { what: 'disk mended' }
  | { what: 'clock steps'; byMs: number }
  /** For so many looks the context is not known yet; or it cannot be understood at all. */
  | { what: 'agent restarts'; looks: number; isBroken: boolean; forgets: boolean }
  | { what: 'machine reboots'; cause: 'asked' | 'unasked' };

/**
 * One event: some time passes, something happens, and mostly the agent looks then. Plain data, so that it can be left
 * out.
 */
export type Happening = What & {
  afterMs: number;
  /** The agent does not look before the next one. */
  isUnseen?: boolean;
};
export type Happens<K extends What['what']> = Extract<Happening, { what: K }>;

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

const ORDERS = [
  ...(['drain', 'drain', 'drain', 'undrain', 'undrain', 'undrain', 'undrain'] as const),
  ...(['halt', 'end-pilot', 'unknown'] as const),
] as const;
const DEADLINES = [0, 10_000, 5 * MINUTE, HOUR, 12 * HOUR, 12 * HOUR] as const;

/** From a spot instance's two minutes to a day's warning; less than an end takes, too. */
const NOTICES = [30_000, 2 * MINUTE, 2 * MINUTE, HOUR, 24 * HOUR] as const;

/** Mostly a tick; now and then the agent hung, or the machine slept. */
const PASSING = [
  1000,
  ...[1000, 1000, 10_000, 10_000, 10_000, 10_000, 10_000, 10_000, 10_000, 10_000],
  ...[30_000, 30_000, 30_000, MINUTE, MINUTE, 2 * MINUTE, 5 * MINUTE],
] as const;
const LONG = [10 * MINUTE, 20 * MINUTE, 20 * MINUTE, HOUR, HOUR, 6 * HOUR, 26 * HOUR] as const;

/** Events of which the agent does not know before the next. */
const UNSEEN = 0.6;

interface Maker {
  weight: number;
  make(random: Random): What;
}

/** Slots are named by numbers beyond those that there may be; the world takes the rest. */
const anySlot = (random: Random): number => random.below(6);

const orderOf = (random: Random): What => {
  const kind = random.pick(ORDERS);
  const deadline = random.chance(0.6) ? { deadlineMs: random.pick(DEADLINES) } : {};
  const mode = { mode: random.pick(['graceful', 'now']) };
  const end = { ...mode, slot: anySlot(random), restart: random.chance(0.7) };
  const more = { drain: deadline, undrain: {}, halt: mode, 'end-pilot': end, unknown: {} }[kind];
  const isLate = random.chance(0.1);
  return { what: 'order', kind, isLate, isHeldBack: random.chance(0.2), ...more };
};

const noticeOf = (random: Random): What => ({
  what: 'notice',
  kind: random.pick(['preempt', 'advice']),
  ...(random.chance(0.1) ? {} : { deadlineMs: random.pick(NOTICES) }),
});

const payloadStarts = (random: Random): What => ({
  what: 'payload starts',
  slot: anySlot(random),
  work: random.pick(WORKS),
  count: 1 + random.below(3),
});

/** What happens, and how often. A new policy adds the lines that it lives by. */
const MAKERS: readonly Maker[] = [
  { weight: 200, make: () => ({ what: 'nothing' }) },
  { weight: 150, make: payloadStarts },
  { weight: 60, make: random => ({ what: 'payloads end', slot: anySlot(random) }) },
  {
    weight: 40,
    make: random => ({ what: 'pilot ends', slot: anySlot(random), well: random.chance(0.6) }),
  },
  { weight: 8, make: random => ({ what: 'pilot offends', slot: anySlot(random) }) },
  { weight: 30, make: random => ({ what: 'reading fails', of: random.pick(FAULTY) }) },
  { weight: 40, make: () => ({ what: 'readings mended' }) },
  { weight: 18, make: orderOf },
  { weight: 12, make: random => ({ what: 'order again', back: random.below(4) }) },
  { weight: 14, make: random => ({ what: 'node falls ill', of: random.pick(ILLS) }) },
  { weight: 20, make: () => ({ what: 'node is well' }) },
  { weight: 8, make: () => ({ what: 'receiver falls silent' }) },
  { weight: 20, make: () => ({ what: 'receiver is heard' }) },
  {
    weight: 6,
    make: random => ({
      what: 'receiver plans',
      kind: random.pick(PLAN_KINDS),
      startsInMs: random.pick([0, 5 * MINUTE, HOUR, 12 * HOUR]),
      ...(random.chance(0.5) ? {} : { endsInMs: 14 * HOUR }),
    }),
  },
  { weight: 6, make: () => ({ what: 'plans are withdrawn' }) },
  {
    weight: 6,
    make: random => ({ what: 'credential', leftMs: random.pick([0, MINUTE, HOUR, 72 * HOUR]) }),
  },
  {
    weight: 7,
    make: noticeOf,
  },
  { weight: 8, make: () => ({ what: 'notices are withdrawn' }) },
  { weight: 14, make: () => ({ what: 'notices cannot be asked' }) },
  { weight: 16, make: () => ({ what: 'notices can be asked' }) },
  { weight: 1, make: random => ({ what: 'system stops', leftMs: random.pick(NOTICES) }) },
  {
    weight: 12,
    make: random => ({ what: 'agent dies', before: random.pick(['writing', 'acting']) }),
  },
  { weight: 10, make: () => ({ what: 'disk full' }) },
  { weight: 30, make: () => ({ what: 'disk mended' }) },
  {
    weight: 12,
    make: random => ({
      what: 'clock steps',
      byMs: random.pick([24 * HOUR, -24 * HOUR, 90_000, -90_000]),
    }),
  },
  {
    weight: 25,
    make: random => ({
      what: 'agent restarts',
      looks: random.below(3),
      isBroken: random.chance(0.05),
      forgets: random.chance(0.1),
    }),
  },
  {
    weight: 4,
    make: random => ({ what: 'machine reboots', cause: random.pick(['asked', 'unasked']) }),
  },
];

/** So many makers as they weigh, so that one draw finds one. */
const BY_WEIGHT: readonly Maker[] = MAKERS.flatMap(maker =>
  Array.from({ length: maker.weight }, () => maker),
);

/** Events that mean most in a row. */
const THEMES = {
  orders: random =>
    random.chance(0.6) ? orderOf(random) : { what: 'order again', back: random.below(4) },
  notices: random =>
    random.chance(0.15)
      ? noticeOf(random)
      : {
          what: random.pick([
            ...(['notices are withdrawn', 'notices cannot be asked'] as const),
            'notices can be asked',
          ]),
        },
} satisfies Record<string, (random: Random) => What>;

/** What a history is like. */
export interface Temper {
  /** The share of events that end no VM: without them few would get old enough for what needs a while. */
  calm: number;
  /** Of what a quarter of its events are. */
  theme?: keyof typeof THEMES;
}

const draw = (random: Random, { calm, theme }: Temper): What => {
  if (theme !== undefined && random.chance(0.25)) return THEMES[theme](random);
  if (random.chance(calm)) return random.chance(0.5) ? { what: 'nothing' } : payloadStarts(random);
  return BY_WEIGHT[random.below(BY_WEIGHT.length)]?.make(random) ?? { what: 'nothing' };
};

export const makeHappening = (random: Random, temper: Temper): Happening => {
  const happening: Happening = {
    ...draw(random, temper),
    afterMs: random.chance(0.03) ? random.pick(LONG) : random.pick(PASSING),
  };
  if (random.chance(UNSEEN)) happening.isUnseen = true;
  return happening;
};
