import type { Order } from '../../../agent/monitor/order.ts';
import type { Random } from './random.ts';

/** What a payload does, and so which reading tells of it. */
export type Work = 'cpu' | 'gpu' | 'waits';
export const WORKS = ['cpu', 'cpu', 'gpu', 'waits'] as const satisfies readonly Work[];

/** Readings that may fail. */
export type Faulty = 'load' | 'payloads' | 'gpus' | 'answers' | 'all';
const FAULTY = ['load', 'payloads', 'gpus', 'answers', 'all'] as const;

type What =
  | { what: 'nothing' }
  /** One that is late has expired before it is seen. */
  | {
      what: 'order';
      kind: Order['kind'];
      deadlineMs?: number;
      mode?: 'graceful' | 'now';
      isLate: boolean;
    }
  /** An order that was delivered before comes once more, the so many last one. */
  | { what: 'order again'; back: number }
  | { what: 'payload starts'; slot: number; work: Work; count: number }
  | { what: 'payloads end'; slot: number }
  | { what: 'pilot ends'; slot: number; well: boolean }
  | { what: 'pilot offends'; slot: number }
  | { what: 'reading fails'; of: Faulty }
  | { what: 'readings mended' }
  | { what: 'disk full' }
  | { what: 'disk mended' }
  | { what: 'clock steps'; byMs: number }
  /** For so many looks the context is not known yet; or it cannot be understood at all. */
  | { what: 'agent restarts'; looks: number; isBroken: boolean; forgets: boolean }
  | { what: 'machine reboots' };

/** One event: some time passes, something happens, and the agent looks. Plain data, so that it can be left out. */
export type Happening = What & { afterMs: number };
export type Happens<K extends What['what']> = Extract<Happening, { what: K }>;

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

const ORDERS = [
  ...(['drain', 'drain', 'drain', 'undrain', 'undrain', 'undrain', 'undrain'] as const),
  ...(['halt', 'unknown'] as const),
] as const;
const DEADLINES = [0, 10_000, 5 * MINUTE, HOUR, 12 * HOUR, 12 * HOUR] as const;

/** Mostly a tick; now and then the agent hung, or the machine slept. */
const PASSING = [
  1000,
  ...[1000, 1000, 10_000, 10_000, 10_000, 10_000, 10_000, 10_000, 10_000, 10_000],
  ...[30_000, 30_000, 30_000, MINUTE, MINUTE, 2 * MINUTE, 5 * MINUTE],
] as const;
const LONG = [10 * MINUTE, 20 * MINUTE, 20 * MINUTE, HOUR, HOUR, 6 * HOUR, 26 * HOUR] as const;

interface Maker {
  weight: number;
  make(random: Random): What;
}

/** Slots are named by numbers beyond those that there may be; the world takes the rest. */
const anySlot = (random: Random): number => random.below(6);

const orderOf = (random: Random): What => {
  const kind = random.pick(ORDERS);
  const deadline = random.chance(0.6) ? { deadlineMs: random.pick(DEADLINES) } : {};
  const mode = { mode: random.pick(['graceful', 'now']) } as const;
  return {
    ...{ what: 'order', kind, isLate: random.chance(0.1) },
    ...(kind === 'drain' ? deadline : kind === 'halt' ? mode : {}),
  } as const;
};

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
  { weight: 4, make: () => ({ what: 'machine reboots' }) },
];

/** So many makers as they weigh, so that one draw finds one. */
const BY_WEIGHT: readonly Maker[] = MAKERS.flatMap(maker =>
  Array.from({ length: maker.weight }, () => maker),
);

/** What a history is like. */
export interface Temper {
  /** The share of events that end no VM: without them few would get old enough for what needs a while. */
  calm: number;
  /** The share of orders, old and new ones. */
  orders: number;
}

const draw = (random: Random, { calm, orders }: Temper): What => {
  if (random.chance(orders))
    return random.chance(0.6) ? orderOf(random) : { what: 'order again', back: random.below(4) };
  if (random.chance(calm)) return random.chance(0.5) ? { what: 'nothing' } : payloadStarts(random);
  return BY_WEIGHT[random.below(BY_WEIGHT.length)]?.make(random) ?? { what: 'nothing' };
};

export const makeHappening = (random: Random, temper: Temper): Happening => {
  const afterMs = random.chance(0.03) ? random.pick(LONG) : random.pick(PASSING);
  return { afterMs, ...draw(random, temper) };
};
