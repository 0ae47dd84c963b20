import { describe, expect, test } from 'vitest';
import { later } from '../../../../../agent/moment.ts';
import { type KeptPlan, keepPlans } from '../../../../../agent/monitor/kept-plan.ts';
import { PLAN_KINDS } from '../../../../../protocol/plan.ts';
import { at, contextOf, createWorld, minutes, order, T0 } from '../worlds.ts';

const HOUR = minutes(60);
const ENDING_MS = 90_000;
const context = contextOf({
  policies: { zeroLoad: false, noPayloads: false, lifetime: { payload: '6h', spread: '0s' } },
});
const downtime: KeptPlan = {
  ...{ kind: 'downtime', from: at(10 * HOUR), until: at(14 * HOUR), reason: 'new switches' },
};

describe.each(PLAN_KINDS)('%s', kind => {
  const plans = [{ ...downtime, kind }];
  test('drains early enough for a payload, and the VM is gone by then', () => {
    const world = createWorld(context);
    world.tick({ plans });
    world.jump(4 * HOUR - ENDING_MS - 1000);
    expect(world.tick().phase).toBe('running');
    world.jump(1000);
    expect(world.tick()).toMatchObject({ phase: 'draining' });
    expect(world.state().ending).toMatchObject({
      by: kind,
      deadline: at(10 * HOUR - ENDING_MS),
    });
    world.jump(6 * HOUR);
    expect(world.tick().actions).toMatchObject([{ kind: 'signal' }]);
    world.jump(minutes(1));
    world.tick();
    expect(world.tick()).toMatchObject({ phase: 'halting', finish: true });
  });

  test('is remembered beyond a restart, and by a VM that hears nothing more', () => {
    const world = createWorld(context);
    world.tick({ plans });
    world.restart();
    world.jump(5 * HOUR);
    expect(world.tick().phase).toBe('draining');
  });

  test('lets the VM go on once it is withdrawn', () => {
    const world = createWorld(context);
    world.tick({ plans });
    world.jump(5 * HOUR);
    expect(world.tick().phase).toBe('draining');
    expect(world.tick({ plans: [] }).phase).toBe('running');
  });

  test('that is only observed is told', () => {
    const key = kind === 'campaign-end' ? 'campaignEnd' : kind;
    const observing = contextOf({
      policies: { zeroLoad: false, noPayloads: false, [key]: { mode: 'observe' } },
    });
    const world = createWorld(observing);
    world.jump(9 * HOUR);
    const { phase, verdicts } = world.tick({ plans });
    expect(phase).toBe('running');
    expect(verdicts).toContainEqual({
      ...{ policy: kind, action: 'drain', mode: 'observe' },
      because: 'planned in 1h (new switches)',
    });
  });
});

test('a downtime that is over drains nothing', () => {
  const world = createWorld(context);
  world.jump(15 * HOUR);
  expect(world.tick({ plans: [downtime] }).phase).toBe('running');
});

test('a downtime that is withdrawn lifts no drain but its own', () => {
  const world = createWorld(context);
  world.tick();
  world.tick({ plans: [downtime], orders: [order('drain', { source: 'operator' })] });
  world.jump(5 * HOUR);
  world.tick();
  expect(world.tick({ plans: [] }).phase).toBe('draining');
  expect(world.state().ending).toMatchObject({ by: 'operator', deadline: at(24 * HOUR) });
});

describe('what an answer tells of plans', () => {
  const told = { kind: 'downtime' as const, startsInMs: HOUR, reason: 'new switches' };
  const known = keepPlans([], [told], T0);

  test('counts from when it came', () => {
    expect(known).toEqual([{ kind: 'downtime', from: at(HOUR), reason: 'new switches' }]);
  });
  test.each<[string, object, number, boolean]>([
    ['a minute later', { startsInMs: HOUR - minutes(1) }, minutes(1), true],
    ['with the delay of a message', { startsInMs: HOUR - minutes(1) + 800 }, minutes(1), true],
    ['once it has begun', { startsInMs: 0 }, 2 * HOUR, true],
    ['put off', { startsInMs: 2 * HOUR }, minutes(1), false],
    ['with an end now', { startsInMs: HOUR, endsInMs: 2 * HOUR }, 0, false],
    ['for another reason', { reason: 'old switches' }, 0, false],
  ])('%s: the same as before: %j', (_what, change, nowMs, isSame) => {
    const [plan] = keepPlans(known, [{ ...told, ...change }], at(nowMs));
    expect(plan === known[0]).toBe(isSame);
  });
  test('that is no longer in it is withdrawn', () => {
    expect(keepPlans(known, [], later(T0, 1))).toEqual([]);
  });
});
