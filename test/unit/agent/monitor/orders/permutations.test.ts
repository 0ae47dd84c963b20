import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Order } from '../../../../../agent/monitor/order.ts';
import type { ErrandEnd } from '../../../../../agent/monitor/orders/obey-errand.ts';
import type { Snapshot } from '../../../../../agent/monitor/snapshot.ts';
import type { MonitorState } from '../../../../../agent/monitor/state.ts';
import { measured } from '../../../../../agent/reading.ts';
import { at, contextOf, createWorld, minutes, order } from '../worlds.ts';
import { idAt } from './given-ids.ts';

const HOUR = minutes(60);
const RUNS = { numRuns: 300 };
const CONTEXT = contextOf({ policies: { zeroLoad: false, noPayloads: false } });
/** Its pilot hangs on, whatever is sent to it, so that what was decided can be looked at. */
const HANGING: Partial<Snapshot> = {
  sightings: [{ slot: '00', generation: 1, state: 'running', cpuMs: measured(0) }],
};

/** One way in which orders may arrive: in any order, some again and again, over ticks and restarts. */
interface Arrival {
  indexes: number[];
  restarts: boolean[];
  /** Whether the next one comes in the same tick. */
  together: boolean[];
}
const arrivalOf = (count: number): fc.Arbitrary<Arrival> =>
  fc.record({
    indexes: fc
      .tuple(
        fc.shuffledSubarray([...Array(count).keys()], { minLength: count }),
        fc.array(fc.nat({ max: Math.max(0, count - 1) }), { maxLength: count }),
      )
      .map(([all, again]) => [...all, ...(count === 0 ? [] : again)]),
    restarts: fc.array(fc.boolean(), { minLength: 2 * count, maxLength: 2 * count }),
    together: fc.array(fc.boolean(), { minLength: 2 * count, maxLength: 2 * count }),
  });

/** Orders in the order in which they were given, and a way in which they arrive. */
const ordersOf = (wish: fc.Arbitrary<Partial<Order>>) =>
  fc
    .array(wish, { maxLength: 8 })
    .chain(wishes => fc.tuple(fc.constant(wishes), arrivalOf(wishes.length)))
    .map(([wishes, arrival]) => ({
      orders: wishes.map(
        (each, index): Order => order(each.kind ?? 'drain', { ...each, id: idAt(index) }),
      ),
      arrival,
    }));

const arrive = (
  orders: readonly Order[],
  { indexes, restarts, together }: Arrival,
  more: Partial<Snapshot> = HANGING,
): MonitorState => {
  const world = createWorld(CONTEXT);
  world.tick();
  world.tick(more);
  let now: Order[] = [];
  for (const [turn, index] of indexes.entries()) {
    now.push(...orders.slice(index, index + 1));
    if (together[turn] === true) continue;
    world.tick({ ...more, orders: now });
    now = [];
    if (restarts[turn] === true) world.restart();
  }
  world.tick({ ...more, orders: now });
  world.tick(more);
  return world.state();
};

/** What is left of drains, undrains and halts, told by when they were given. */
const meantBy = (orders: readonly Order[]) => {
  const halts = orders.filter(({ kind }) => kind === 'halt');
  if (halts.length > 0)
    return { kind: 'halt', mode: halts.some(({ mode }) => mode === 'now') ? 'now' : 'graceful' };
  const lastUndrain = orders.findLastIndex(({ kind }) => kind === 'undrain');
  const drains = orders.slice(lastUndrain + 1);
  if (drains.length === 0) return undefined;
  const ms = Math.min(...drains.map(({ deadlineMs }) => deadlineMs ?? 24 * HOUR));
  return { kind: 'drain', deadline: at(ms) };
};

describe('in whatever order orders arrive, however often, and whenever the agent restarts', () => {
  test('drains, undrains and halts come to the same', () => {
    const wish = fc.oneof(
      fc.record({
        kind: fc.constant('drain' as const),
        deadlineMs: fc.option(fc.integer({ min: HOUR, max: 9 * HOUR }), { nil: undefined }),
      }),
      fc.record({ kind: fc.constant('undrain' as const) }),
      fc.record({
        kind: fc.constant('halt' as const),
        mode: fc.constantFrom('graceful' as const, 'now' as const),
      }),
    );
    const withoutHalts = wish.filter(({ kind }) => kind !== 'halt');
    fc.assert(
      fc.property(
        fc.oneof(ordersOf(wish), ordersOf(withoutHalts)).filter(
          // As many drains at once as the latch remembers.
          ({ orders }) => orders.filter(({ kind }) => kind === 'drain').length <= 6,
        ),
        ({ orders, arrival }) => {
          const meant = meantBy(orders);
          const { ending, handled } = arrive(orders, arrival);
          if (meant === undefined) expect(ending).toBeUndefined();
          else expect(ending).toMatchObject(meant);
          expect(handled.map(({ id }) => id).sort()).toEqual(orders.map(({ id }) => id).sort());
        },
      ),
      RUNS,
    );
  });

  test('one run is ended once: killed if anybody wants that, and followed by none if anybody wants none', () => {
    const wish = fc.record({
      kind: fc.constant('end-pilot' as const),
      pilot: fc.constant('00-1'),
      mode: fc.constantFrom('graceful' as const, 'now' as const),
      restart: fc.boolean(),
    });
    fc.assert(
      fc.property(ordersOf(wish), ({ orders, arrival }) => {
        const { slots, ends, ending } = arrive(orders, arrival);
        expect([ends, ending]).toEqual([undefined, undefined]);
        const slot = slots['00'];
        const isKilled = orders.some(({ mode }) => mode === 'now');
        expect(slot).toMatchObject(
          orders.length === 0
            ? { state: 'running', generation: 1 }
            : { state: 'stopping', generation: 1, killed: isKilled },
        );
        const isLast = orders.some(({ restart }) => restart === false);
        expect(slot?.state === 'stopping' ? slot.found : undefined).toBe(
          isLast ? 'no-restart' : undefined,
        );
      }),
      RUNS,
    );
  });

  test('the pace that was given last holds', () => {
    const wish = fc.record({
      kind: fc.constant('pace' as const),
      everyMs: fc.integer({ min: 1000, max: 600_000 }),
      forMs: fc.integer({ min: 0, max: HOUR }),
    });
    fc.assert(
      fc.property(ordersOf(wish), ({ orders, arrival }) => {
        const { pace } = arrive(orders, arrival);
        const last = orders.at(-1);
        expect(pace?.everyMs).toBe(last?.everyMs);
        if (last !== undefined) expect(pace?.until).toEqual(at(last.forMs ?? 0));
      }),
      RUNS,
    );
  });

  test('what is carried out beside the ticks is acknowledged once, and signals are sent at most once', () => {
    const wish = fc.constantFrom<Partial<Order>>(
      { kind: 'signal', signal: 'USR1' },
      { kind: 'collect-logs' },
      { kind: 'rediscover-squids' },
      { kind: 'reload-context' },
    );
    const slowness = fc.array(fc.boolean(), { minLength: 16, maxLength: 16 });
    fc.assert(
      fc.property(ordersOf(wish), slowness, ({ orders, arrival }, isDone) => {
        const world = createWorld(CONTEXT);
        const begun = new Map<string, number>();
        // What an agent's memory holds of them; a restart forgets it.
        let atWork = new Map<string, ErrandEnd | undefined>();
        const tick = (now: readonly Order[], isOver = true): void => {
          const errandEnds = [...atWork.values()].filter(end => end !== undefined);
          world.tick({ ...HANGING, orders: now, errandEnds });
          for (const { id } of world.state().errands ?? []) {
            if (!atWork.has(id)) begun.set(id, (begun.get(id) ?? 0) + 1);
            const end: ErrandEnd = { id, outcome: 'done', detail: '' };
            atWork.set(id, isOver ? end : atWork.get(id));
          }
        };
        for (const [turn, index] of arrival.indexes.entries()) {
          const now = orders[index];
          tick(now === undefined ? [] : [now], isDone[turn]);
          if (arrival.restarts[turn] !== true) continue;
          world.restart();
          atWork = new Map();
        }
        tick([]);
        tick([]);
        const { handled, errands } = world.state();
        expect(errands).toBeUndefined();
        expect(handled.map(({ id }) => id).sort()).toEqual(orders.map(({ id }) => id).sort());
        for (const { id, kind } of orders) {
          if (kind === 'signal') expect(begun.get(id)).toBe(1);
          else expect(begun.get(id)).toBeGreaterThanOrEqual(1);
        }
      }),
      RUNS,
    );
  });
});
