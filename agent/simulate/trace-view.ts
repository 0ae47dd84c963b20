import { later, type Moment, remainingMs } from '../moment.ts';
import type { Order } from '../monitor/order.ts';
import type { Preparation, Readings, Snapshot } from '../monitor/snapshot.ts';
import type { Slot } from '../pilot/slots.ts';
import { NO_DATA, sumReadings } from '../reading.ts';
import { readingOf } from './told.ts';
import type { TraceHead, TraceLine, TracePilot } from './trace.ts';

/** What is seen at one look, apart from the units. */
export interface TraceSight {
  pilots: readonly TracePilot[];
  snapshot: Pick<
    Snapshot,
    'preparation' | 'readings' | 'orders' | 'notices' | 'heardAt' | 'credentialLives' | 'plans'
  >;
}

/** What holds from one line on. */
interface Standing {
  told: Readonly<Record<string, ReturnType<typeof readingOf>>>;
  pilots: readonly TracePilot[];
  notices: Snapshot['notices'];
  isHeard: boolean;
  heardAt: Moment | undefined;
  lives: readonly { name: string; endsAt?: Moment }[] | undefined;
  plans: Snapshot['plans'];
  preparation: 'pending' | 'done' | 'failed';
}

const BEGINNING: Standing = {
  ...{ told: {}, pilots: [], notices: undefined, isHeard: true, heardAt: undefined },
  ...{ lives: undefined, plans: undefined, preparation: 'done' },
};

const changedBy = (standing: Standing, line: TraceLine, now: Moment): Standing => {
  const { readings, pilots, notices, receiver, credentials, plans, preparation } = line;
  const told = Object.entries(readings).flatMap(([name, each]) =>
    each === undefined ? [] : [[name, readingOf(each)] as const],
  );
  return {
    told: { ...standing.told, ...Object.fromEntries(told) },
    pilots: pilots ?? standing.pilots,
    notices:
      notices?.map(({ deadlineMs, ...notice }) => ({
        ...notice,
        ...(deadlineMs === undefined ? {} : { deadline: later(now, deadlineMs) }),
      })) ?? standing.notices,
    isHeard: receiver === undefined ? standing.isHeard : receiver === 'heard',
    heardAt: standing.heardAt,
    lives:
      credentials?.map(({ name, leftMs }) => ({
        name,
        ...(leftMs === undefined ? {} : { endsAt: later(now, leftMs) }),
      })) ?? standing.lives,
    plans:
      plans?.map(({ kind, startsInMs, endsInMs, reason }) => ({
        ...{ kind, reason, from: later(now, startsInMs) },
        ...(endsInMs === undefined ? {} : { until: later(now, endsInMs) }),
      })) ?? standing.plans,
    preparation: preparation ?? standing.preparation,
  };
};

const readingsOf = ({ told, pilots }: Standing): Readings => {
  const running = pilots.filter(({ state }) => state === 'running');
  return {
    load: NO_DATA,
    cpuCores: NO_DATA,
    payloads: sumReadings(
      running.map(({ payloads }) => (payloads === undefined ? NO_DATA : readingOf(payloads))),
    ),
    ...told,
  };
};

const ordersOf = (line: TraceLine | undefined, now: Moment): Order[] =>
  (line?.orders ?? []).map((order, index) => ({
    ...{ id: `trace-${now.monotonicMs}-${index}`, source: 'receiver', receivedAt: now },
    ...order,
  }));

const slotsOf = ({ slots }: TraceHead): Slot[] =>
  slots.map(({ name, cores }) => ({ name, cores, memoryMb: 2000, user: `pilot${name}` }));

/** Follows a trace: give it each look in its order, with the line that changes something at it. */
export const createTraceView = (
  head: TraceHead,
): ((now: Moment, line: TraceLine | undefined) => TraceSight) => {
  const prepared: Preparation = { state: 'done', slots: slotsOf(head) };
  let standing = BEGINNING;
  return (now, line) => {
    if (line !== undefined) standing = changedBy(standing, line, now);
    if (standing.isHeard) standing = { ...standing, heardAt: now };
    const { pilots, notices, heardAt, lives, plans, preparation } = standing;
    return {
      pilots,
      snapshot: {
        preparation:
          preparation === 'failed'
            ? { state: 'failed', reason: 'the trace says so' }
            : preparation === 'pending'
              ? { state: 'pending' }
              : prepared,
        readings: readingsOf(standing),
        orders: ordersOf(line, now),
        notices,
        heardAt,
        credentialLives: lives?.map(({ name, endsAt }) => ({
          name,
          ...(endsAt === undefined ? {} : { leftMs: Math.max(0, remainingMs(endsAt, now)) }),
        })),
        plans,
      },
    };
  };
};
