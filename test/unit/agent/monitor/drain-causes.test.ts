import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { causesOf, withCause, withoutCauses } from '../../../../agent/monitor/drain-causes.ts';
import { obeyDrain } from '../../../../agent/monitor/orders/obey-ending.ts';
import type { Ending } from '../../../../agent/monitor/state.ts';
import { at, contextOf, createWorld, minutes, order, T0 } from './worlds.ts';

const HOUR = minutes(60);
const quiet = { zeroLoad: false, noPayloads: false };

describe('a drain', () => {
  test('of a policy is not taken back by an order', () => {
    const lifetime = { max: '48h', payload: '6h', spread: '0s' };
    const world = createWorld(contextOf({ policies: { ...quiet, lifetime } }));
    world.tick();
    world.jump(43 * HOUR);
    expect(world.tick().phase).toBe('draining');
    expect(world.tick({ orders: [order('undrain')] }).phase).toBe('draining');
    expect(world.state().handled.at(-1)).toMatchObject({
      ...{ outcome: 'done', detail: 'still drained by lifetime' },
    });
  });

  test('that was ordered too goes on as that of the policy once the order is taken back', () => {
    const lifetime = { max: '48h', payload: '6h', spread: '0s' };
    const world = createWorld(contextOf({ policies: { ...quiet, lifetime } }));
    world.tick();
    world.jump(43 * HOUR);
    const drain = order('drain', { deadlineMs: HOUR, receivedAt: at(43 * HOUR) });
    world.tick({ orders: [drain] });
    expect(world.state().ending).toMatchObject({ by: 'receiver', deadline: at(44 * HOUR) });
    world.tick({ orders: [order('undrain')] });
    expect(world.state().ending).toMatchObject({
      ...{ by: 'lifetime', deadline: at(48 * HOUR - 90_000) },
    });
  });

  test('that is ordered again, where only the latch was left of it, ends no later', () => {
    const world = createWorld(contextOf({ policies: quiet }));
    world.tick();
    const drain = order('drain', { deadlineMs: HOUR });
    world.tick({ orders: [drain] });
    const { ending } = world.state();
    expect(
      obeyDrain(world.state(), { ...drain, receivedAt: at(minutes(5)) }, at(minutes(5)), {
        ending: contextOf().ending,
      }).state.ending,
    ).toEqual(ending);
  });

  test('that an older agent wrote down has one cause', () => {
    const ending: Ending = {
      ...{ kind: 'drain', since: T0, deadline: at(HOUR), by: 'receiver', reason: 'r' },
    };
    expect(causesOf(ending)).toMatchObject([{ by: 'receiver' }]);
    expect(withoutCauses(ending, ({ by }) => by === 'receiver', T0)).toBeUndefined();
  });

  test('goes on as the same while what is left of it is told anew', () => {
    const cause = { by: 'preemption', since: T0, deadline: at(HOUR), reason: 'r' };
    const ending = withCause(undefined, cause, T0);
    const again = { ...cause, since: at(10), deadline: at(HOUR + 300), reason: 's' };
    expect(withCause(ending, again, at(10))).toBe(ending);
  });
});

test('whoever drains and takes back, in any order: the VM drains for exactly those who have not', () => {
  const act = fc.record({
    by: fc.constantFrom('operator', 'receiver', 'downtime', 'preemption'),
    deadlineMs: fc.integer({ min: 0, max: HOUR }),
    isBack: fc.boolean(),
  });
  fc.assert(
    fc.property(fc.array(act, { maxLength: 20 }), acts => {
      let ending: Ending | undefined;
      const wanted = new Map<string, number>();
      for (const { by, deadlineMs, isBack } of acts) {
        ending = isBack
          ? withoutCauses(ending, cause => cause.by === by, T0)
          : withCause(ending, { by, since: T0, deadline: at(deadlineMs), reason: '' }, T0);
        if (isBack) wanted.delete(by);
        else if (Math.abs((wanted.get(by) ?? Number.NEGATIVE_INFINITY) - deadlineMs) > 1000)
          wanted.set(by, deadlineMs);
        expect(new Set(causesOf(ending).map(each => each.by))).toEqual(new Set(wanted.keys()));
        const soonest = Math.min(...wanted.values());
        if (ending?.kind === 'drain') expect(ending.deadline).toEqual(at(soonest));
        else expect(wanted.size).toBe(0);
      }
    }),
  );
});
