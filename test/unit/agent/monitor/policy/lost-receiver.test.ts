import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { lostReceiver } from '../../../../../agent/monitor/policy/lost-receiver.ts';
import { at, contextOf, createWorld, minutes, T0 } from '../worlds.ts';
import { judgementOf, withReceiver } from './judging.ts';

const HOUR = minutes(60);
const leased = (lostReceiver: object, more: object = {}) =>
  withReceiver({ policies: { zeroLoad: false, noPayloads: false, lostReceiver }, ...more });

describe('a VM that its receiver does not hear', () => {
  test.each<[string, object, number, string]>([
    ['without a lease', {}, 40 * HOUR, 'none'],
    ['with one that is young', { lease: '8h' }, 4 * HOUR - 1, 'none'],
    ['in the second half of one', { lease: '8h' }, 4 * HOUR, 'drain'],
    ['with one much longer than a payload', { lease: '24h' }, 18 * HOUR - 1, 'none'],
    ['a payload before its end', { lease: '24h' }, 18 * HOUR, 'drain'],
    ['as long before its end as it says', { lease: '24h', drainBefore: '1h' }, 23 * HOUR, 'drain'],
    ['at its end', { lease: '8h' }, 8 * HOUR, 'halt'],
  ])('%s: %j, after %d ms: %s', (_what, settings, silentMs, action) => {
    const found = judgementOf(lostReceiver, {
      context: leased(settings),
      snapshot: { now: at(silentMs) },
    });
    expect(found.action).toBe(action);
  });

  test('and whose context names none works on', () => {
    const context = contextOf({ policies: { lostReceiver: { lease: '1h' } } });
    const found = judgementOf(lostReceiver, { context, snapshot: { now: at(40 * HOUR) } });
    expect(found).toEqual({ action: 'none', because: 'the context names no receiver' });
  });

  test('drains until its lease is over, then halts', () => {
    const world = createWorld(leased({ lease: '1h' }));
    world.pass(minutes(10));
    world.tick({ heardAt: at(minutes(10)) });
    expect(world.pass(minutes(29), { heardAt: at(minutes(10)) }).phase).toBe('running');
    expect(world.pass(minutes(1), { heardAt: at(minutes(10)) }).phase).toBe('draining');
    expect(world.state().ending).toMatchObject({
      by: 'lost-receiver',
      deadline: at(minutes(10) + HOUR),
    });
    expect(world.pass(minutes(30), { heardAt: at(minutes(10)) }).phase).toBe('halting');
  });

  test('works on once it is heard again, and starts pilots', () => {
    const world = createWorld(leased({ lease: '1h' }));
    expect(world.pass(minutes(40)).phase).toBe('draining');
    expect(world.tick({ heardAt: at(minutes(40)) })).toMatchObject({ phase: 'running' });
    expect(world.state().ending).toBeUndefined();
  });

  test('is as silent after a restart of the agent as before', () => {
    const world = createWorld(leased({ lease: '1h' }));
    world.pass(minutes(20), { heardAt: at(minutes(20)) });
    world.pass(minutes(25), { heardAt: at(minutes(20)) });
    world.restart();
    expect(world.pass(minutes(4)).phase).toBe('running');
    // What was heard less than a twentieth of the lease ago may have been forgotten, no more.
    expect(world.pass(minutes(1)).phase).toBe('draining');
  });

  test('was heard also while its context was not known', () => {
    const world = createWorld(leased({ lease: '1h' }));
    const pending = { preparation: { state: 'pending' as const } };
    world.pass(minutes(20), { ...pending, heardAt: at(minutes(20)) });
    world.restart();
    expect(world.pass(minutes(29)).phase).toBe('running');
    expect(world.pass(minutes(1)).phase).toBe('draining');
  });

  test('does not halt for a silence that a stepped clock makes', () => {
    const context = leased({ lease: '1h' });
    const now = { ...at(minutes(5)), wallMs: T0.wallMs + 24 * HOUR };
    expect(judgementOf(lostReceiver, { context, snapshot: { now } }).action).toBe('none');
  });

  test('in a new boot counts from the first look of that boot', () => {
    const world = createWorld(leased({ lease: '1h' }));
    world.pass(minutes(29));
    const boot = (ms: number) => ({
      now: { bootId: 'b2', monotonicMs: 5000 + ms, wallMs: T0.wallMs + 20 * HOUR + ms },
    });
    expect(world.tick(boot(0)).phase).toBe('running');
    expect(world.tick(boot(minutes(29))).phase).toBe('running');
    expect(world.tick(boot(minutes(31))).phase).toBe('draining');
  });
});

test('whatever comes: it halts no VM that was heard within its lease, and every one that was not', () => {
  const look = fc.record({
    passMs: fc.integer({ min: 1000, max: minutes(20) }),
    isHeard: fc.boolean(),
    restarts: fc.boolean(),
  });
  fc.assert(
    fc.property(fc.array(look, { maxLength: 30 }), looks => {
      const world = createWorld(leased({ lease: '1h' }));
      let nowMs = 0;
      let heardMs = 0;
      let known: number | undefined;
      for (const { passMs, isHeard, restarts } of looks) {
        world.jump(passMs);
        nowMs += passMs;
        if (restarts) {
          world.restart();
          known = undefined;
        }
        if (isHeard) {
          heardMs = nowMs;
          known = nowMs;
        }
        const { phase } = world.tick(known === undefined ? {} : { heardAt: at(known) });
        const silentMs = nowMs - heardMs;
        if (phase === 'halting') {
          expect(silentMs).toBeGreaterThanOrEqual(HOUR - HOUR / 20);
          return;
        }
        expect(silentMs).toBeLessThan(HOUR);
      }
    }),
  );
});
