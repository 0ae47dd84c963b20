import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Order } from '../../../../agent/monitor/order.ts';
import type { Answer } from '../../../../agent/pilot/answer.ts';
import { measured, NO_DATA } from '../../../../agent/reading.ts';
import { at, contextOf, createWorld, minutes, order } from './worlds.ts';

const HOUR = minutes(60);
const OK = { result: 'success', code: 'exited', status: '0' };
const BAD = { result: 'exit-code', code: 'exited', status: '1' };

describe('a VM', () => {
  test('starts no pilot before it is contextualized', () => {
    const world = createWorld();
    expect(world.tick({ preparation: { state: 'pending' } })).toMatchObject({
      phase: 'contextualizing',
      actions: [],
    });
    expect(world.tick()).toMatchObject({ phase: 'running', actions: [{ kind: 'start' }] });
  });

  test('whose agent restarts keeps an end that it found until it knows what is to follow', () => {
    const world = createWorld();
    world.tick();
    world.tick();
    world.end(BAD);
    world.restart();
    world.tick({ preparation: { state: 'pending' } });
    expect(world.state().slots['00']).toMatchObject({ state: 'running', generation: 1 });
    world.pass(minutes(1));
    expect(world.state().slots['00']).toMatchObject({ generation: 2, lastExit: 'exit 1' });
  });

  test('whose agent restarts is not ended by defaults that are not its own', () => {
    const world = createWorld();
    world.jump(60 * HOUR);
    expect(world.tick({ preparation: { state: 'pending' } })).toMatchObject({
      phase: 'contextualizing',
      verdicts: [],
    });
  });

  test('starts no pilot while it cannot write down that it did', () => {
    expect(createWorld().tick({ canPersist: false }).actions).toEqual([]);
  });

  test('that cannot be contextualized is held, says why, and halts after the hold', () => {
    const world = createWorld(contextOf({ hold: '20m' }));
    const broken = {
      preparation: { state: 'failed' as const, reason: 'site.yaml:3: pilot: unknown key' },
    };
    expect(world.tick(broken)).toMatchObject({
      phase: 'failed',
      reason: 'site.yaml:3: pilot: unknown key',
      actions: [],
    });
    expect(world.pass(minutes(19), broken).phase).toBe('failed');
    expect(world.pass(minutes(1), broken)).toMatchObject({ phase: 'halting', finish: true });
  });

  test('that is contextualized after all goes to work', () => {
    const world = createWorld(contextOf({ hold: '20m' }));
    world.tick({ preparation: { state: 'failed', reason: 'site.yaml:3: pilot: unknown key' } });
    expect(world.pass(minutes(5), { preparation: { state: 'pending' } }).phase).toBe('failed');
    expect(world.tick()).toMatchObject({ phase: 'running', actions: [{ kind: 'start' }] });
    expect(world.pass(minutes(20)).phase).toBe('running');
  });

  test('whose slots have all given up is held, then halts', () => {
    const world = createWorld(contextOf({ hold: '5m' }));
    world.tick();
    for (let run = 0; run < 10; run += 1) {
      world.end(BAD);
      world.pass(minutes(11));
    }
    const reasons = world.state().turns.map(({ phase, reason }) => `${phase}: ${reason}`);
    expect(reasons).toContain('failed: 1 of 1 slots gave up, pilots ended with: exit 1');
    expect(reasons.at(-1)).toMatch(/^halting: hold: held for 5m of 5m/);
  });
});

test('a slot that the context no longer has starts nothing, and goes with its last pilot', () => {
  const world = createWorld();
  world.tick();
  const fewer = { preparation: { state: 'done' as const, slots: [] } };
  expect(world.tick(fewer).actions).toEqual([]);
  expect(world.state().slots).toMatchObject({ '00': { state: 'running' } });
  world.end(OK);
  expect(world.tick({ ...fewer, sightings: [] }).actions).toEqual([]);
  world.pass(minutes(1), fewer);
  expect(world.state().slots).toEqual({});
});

test('an empty slot retires after its idle time; its neighbours never notice', () => {
  const world = createWorld(
    contextOf({
      pilots: { kind: 'command', command: ['/bin/pilot'], slots: 'per-core', idleEnd: '20m' },
      policies: { zeroLoad: false },
    }),
  );
  const slots = ['00', '01', '02'].map(name => ({
    ...{ name, cores: 1, memoryMb: 1000, user: `plt${name}` },
  }));
  const answers = new Map<string, Answer>([
    ['00-1', { payloads: measured(3) }],
    ['01-1', { payloads: measured(0) }],
    ['02-1', { payloads: NO_DATA }],
  ]);
  const look = { preparation: { state: 'done' as const, slots }, answers };
  world.tick(look);
  world.tick(look);
  expect(world.pass(minutes(20) - 10_000, look).actions).toEqual([]);
  expect(world.pass(10_000, look).actions).toEqual([
    { kind: 'signal', slot: '01', generation: 1, signal: 'TERM', to: 'all' },
  ]);
  world.pass(minutes(1), look);
  expect(world.state().slots).toMatchObject({
    '00': { state: 'running', generation: 1 },
    '02': { state: 'running', generation: 1 },
  });
});

describe('drain', () => {
  test('starts no new pilot, lets the running one finish, then halts', () => {
    const world = createWorld();
    world.tick();
    expect(world.tick({ orders: [order('drain')] })).toMatchObject({
      phase: 'draining',
      actions: [],
      finish: false,
    });
    expect(world.pass(HOUR)).toMatchObject({ phase: 'draining', actions: [] });
    world.end(OK);
    expect(world.tick()).toMatchObject({ phase: 'halting', actions: [], finish: true });
    expect(world.running()).toBe(0);
  });

  test('ends pilots at its deadline: TERM, then KILL', () => {
    const world = createWorld(contextOf({ ending: { killGrace: '1m' } }));
    world.tick();
    world.tick({ orders: [order('drain', { deadlineMs: HOUR })] });
    expect(world.pass(HOUR).actions).toMatchObject([{ signal: 'TERM' }]);
    expect(world.pass(minutes(1) - 10_000).actions).toEqual([]);
    world.pass(20_000);
    expect(world.running()).toBe(0);
    expect(world.pass(10_000)).toMatchObject({ phase: 'halting', finish: true });
  });

  test('can be taken back, and pilots start again', () => {
    const world = createWorld();
    world.tick();
    world.tick({ orders: [order('drain')] });
    expect(world.tick({ orders: [order('undrain')] }).phase).toBe('running');
  });

  test('of two drains the sooner deadline holds', () => {
    const world = createWorld();
    world.tick();
    world.tick({ orders: [order('drain', { id: 'a', deadlineMs: HOUR })] });
    world.tick({ orders: [order('drain', { id: 'b', deadlineMs: 2 * HOUR })] });
    expect(world.state().ending).toMatchObject({ kind: 'drain', deadline: at(HOUR) });
  });

  test('is remembered beyond a restart', () => {
    const world = createWorld();
    world.tick();
    world.tick({ orders: [order('drain')] });
    world.restart();
    expect(world.tick()).toMatchObject({ phase: 'draining', actions: [] });
  });
});

describe('halt', () => {
  test('ends the pilots and finishes once they are gone', () => {
    const world = createWorld();
    world.tick();
    expect(world.tick({ orders: [order('halt')] })).toMatchObject({
      phase: 'halting',
      reason: 'receiver: because',
      actions: [{ signal: 'TERM' }],
      finish: false,
    });
    world.end({ result: 'signal', code: 'killed', status: 'TERM' });
    expect(world.tick()).toMatchObject({ finish: true, actions: [] });
  });

  test('now kills at once', () => {
    const world = createWorld();
    world.tick();
    expect(world.tick({ orders: [order('halt', { mode: 'now' })] }).actions).toMatchObject([
      { signal: 'KILL' },
    ]);
  });

  test('does not wait for ever for what cannot be killed', () => {
    const world = createWorld(contextOf({ ending: { killGrace: '1m' } }));
    world.tick();
    const stuck = {
      sightings: [{ slot: '00', generation: 1, state: 'running' as const, cpuMs: measured(0) }],
    };
    world.tick({ ...stuck, orders: [order('halt')] });
    expect(world.pass(minutes(1), stuck).finish).toBe(false);
    expect(world.pass(minutes(1), stuck).finish).toBe(true);
  });

  test('does not wait beyond the hard end for what was killed', () => {
    const world = createWorld(
      contextOf({
        ending: { killGrace: '1m', farewell: '30s' },
        policies: { lifetime: { max: '2h', payload: '0s', spread: '0s' }, zeroLoad: false },
      }),
    );
    world.tick();
    const hanging = {
      sightings: [{ slot: '00', generation: 1, state: 'running' as const, cpuMs: measured(0) }],
    };
    expect(world.pass(2 * HOUR - 90_000, hanging)).toMatchObject({ phase: 'halting' });
    expect(world.pass(minutes(1), hanging).finish).toBe(false);
    expect(world.pass(10_000, hanging).finish).toBe(true);
  });

  test('follows a drain that has only a pilot left which cannot be killed', () => {
    const world = createWorld(contextOf({ ending: { killGrace: '1m' } }));
    world.tick();
    const hanging = {
      sightings: [{ slot: '00', generation: 1, state: 'running' as const, cpuMs: measured(0) }],
    };
    world.tick({ ...hanging, orders: [order('drain', { deadlineMs: 0 })] });
    expect(world.pass(minutes(1), hanging).phase).toBe('draining');
    expect(world.pass(minutes(1), hanging).phase).toBe('halting');
    expect(world.pass(minutes(2), hanging).finish).toBe(true);
  });

  test('cannot be taken back, and the receiver is told so', () => {
    const world = createWorld();
    world.tick({ orders: [order('halt')] });
    world.tick({ orders: [order('undrain')] });
    expect(world.state()).toMatchObject({
      ending: { kind: 'halt' },
      handled: [{ outcome: 'done' }, { id: 'undrain-1', outcome: 'refused' }],
    });
  });
});

describe('orders', () => {
  test('of an unknown kind are reported and change nothing', () => {
    const world = createWorld();
    expect(world.tick({ orders: [order('unknown')] }).phase).toBe('running');
    expect(world.state().handled).toMatchObject([{ id: 'unknown-1', outcome: 'unknown-kind' }]);
  });

  test('that expired are reported and change nothing', () => {
    const world = createWorld();
    world.jump(minutes(2));
    expect(world.tick({ orders: [order('halt', { expiresAt: at(minutes(1)) })] }).phase).toBe(
      'running',
    );
    expect(world.state().handled).toMatchObject([{ outcome: 'expired' }]);
  });

  test('are obeyed once, however often they come: a late repeat does not undo what came after', () => {
    const world = createWorld();
    world.tick();
    const drain = order('drain');
    world.tick({ orders: [drain] });
    world.tick({ orders: [order('undrain')] });
    expect(world.tick({ orders: [drain] }).phase).toBe('running');
  });
});

test('whatever orders come, in any order and number: a halt is never forgotten, and after a drain no pilot starts', () => {
  const event = fc.record({
    kind: fc.constantFrom<Order['kind']>('drain', 'undrain', 'halt', 'unknown'),
    id: fc.integer({ min: 0, max: 20 }).map(String),
    passMs: fc.integer({ min: 0, max: 600_000 }),
    restart: fc.boolean(),
    ends: fc.boolean(),
  });
  fc.assert(
    fc.property(fc.array(event, { maxLength: 40 }), events => {
      const world = createWorld(contextOf({ policies: { zeroLoad: false, noPayloads: false } }));
      world.tick();
      for (const { kind, id, passMs, restart, ends } of events) {
        const before = world.state().ending;
        if (ends) world.end(OK);
        const decision = world.tick({ orders: [order(kind, { id, receivedAt: at(0) })] });
        if (before?.kind === 'halt')
          expect(world.state().ending).toMatchObject({ kind: 'halt', since: before.since });
        if (world.state().ending !== undefined)
          expect(decision.actions.filter(action => action.kind === 'start')).toEqual([]);
        if (restart) world.restart();
        world.jump(passMs);
      }
    }),
    { numRuns: 300 },
  );
});
