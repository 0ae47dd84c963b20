import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { backoffMs } from '../../../../agent/pilot/follow-end.ts';
import { isAlive, newSlot } from '../../../../agent/pilot/slot-state.ts';
import { superviseSlot, type Wish } from '../../../../agent/pilot/supervise.ts';
import type { UnitSighting } from '../../../../agent/pilot/unit/unit.ts';
import { at, BAD, ended, look, OK, POLICY, preparing, RUNNING, running, T0 } from './slot-looks.ts';

describe('a slot that may work', () => {
  test('starts a pilot, with a generation of its own', () => {
    expect(look(newSlot(T0), 0)).toEqual({
      state: { state: 'starting', generation: 1, since: at(0), failures: 0 },
      actions: [{ kind: 'start', slot: '00', generation: 1 }],
    });
  });

  test('waits for a start to show, and counts one that never does as a failure', () => {
    const starting = look(newSlot(T0), 0).state;
    expect(look(starting, 10_000)).toEqual({ state: starting, actions: [] });
    expect(look(starting, 30_000).state).toMatchObject({
      state: 'waiting',
      failures: 1,
      lastExit: 'never started',
    });
  });

  test('waits for as long as something is fetched for its start', () => {
    const starting = look(newSlot(T0), 0).state;
    const sightings = [preparing(1)];
    expect(look(starting, 600_000, { sightings })).toEqual({ state: starting, actions: [] });
    expect(look(starting, 600_000, { sightings, wish: 'terminate' })).toMatchObject({
      state: { state: 'stopping' },
      actions: [{ kind: 'signal', signal: 'TERM' }],
    });
  });

  test('ends a pilot that took more than is its own, backs off, and tells why', () => {
    const offence = '9 MB of scratch, where it may have 8 MB';
    const sightings = [running(1)];
    const ending = look(RUNNING, 90_000, { sightings, offence });
    expect(ending).toMatchObject({
      state: { state: 'stopping', found: 'transient' },
      actions: [{ kind: 'signal', signal: 'TERM' }],
    });
    expect(look(ending.state, 91_000, { sightings, offence }).actions).toEqual([]);
    const exit = { result: 'signal', code: 'killed', status: 'TERM' };
    expect(look(ending.state, 92_000, { sightings: [ended(1, exit)], offence })).toMatchObject({
      state: { state: 'waiting', failures: 1, lastExit: `signal TERM: ${offence}` },
      actions: [],
    });
  });

  test('tells why a start failed', () => {
    const starting = look(newSlot(T0), 0).state;
    const exit = { result: 'start-failed', code: 'failed', status: '-', why: 'no such page' };
    const sightings = [ended(1, exit), preparing(1)];
    expect(look(starting, 1000, { sightings }).state).toMatchObject({
      state: 'waiting',
      failures: 1,
      lastExit: 'start-failed: no such page',
    });
  });

  test('starts anew at once after a run that was long enough and ended well', () => {
    const { state, actions } = look(RUNNING, 60_000, { sightings: [ended(1, OK)] });
    expect(actions).toEqual([{ kind: 'start', slot: '00', generation: 2 }]);
    expect(state).toMatchObject({ failures: 0, lastExit: 'exit 0' });
  });

  test('backs off after a failure, and after a run that was too short', () => {
    for (const [exit, ms] of [
      [BAD, 90_000],
      [OK, 59_999],
    ] as const) {
      const { state, actions } = look(RUNNING, ms, { sightings: [ended(1, exit)] });
      expect(actions).toEqual([]);
      expect(state).toMatchObject({ state: 'waiting', failures: 1, notBefore: at(ms + 10_000) });
      expect(look(state, ms + 9_999).actions).toEqual([]);
      expect(look(state, ms + 10_000).actions).toHaveLength(1);
    }
  });

  test('gives up after so many failures in a row, with the reason', () => {
    let state = newSlot(T0);
    let starts = 0;
    for (let ms = 0; ms < 3_600_000; ms += 1000) {
      const exits = state.state === 'starting' ? [ended(state.generation, BAD)] : [];
      const next = look(state, ms, { sightings: exits });
      state = next.state;
      starts += next.actions.length;
    }
    expect(starts).toBe(3);
    expect(state).toMatchObject({ state: 'gave-up', lastExit: 'exit 1' });
  });

  test.each([
    ['never', OK, 'ended'],
    ['never', BAD, 'ended'],
    ['on-failure', OK, 'ended'],
    ['on-failure', BAD, 'waiting'],
    ['always', OK, 'starting'],
  ] as const)('with restart %s an end with %j leaves it %s', (restart, exit, expected) => {
    expect(
      look(RUNNING, 90_000, { sightings: [ended(1, exit)], policy: { restart } }).state.state,
    ).toBe(expected);
  });
});

describe('a slot whose pilot must end', () => {
  test('sends TERM once, then KILL after the grace, again and again', () => {
    const told = look(RUNNING, 0, { sightings: [running(1)], wish: 'terminate' });
    expect(told.actions).toEqual([
      { kind: 'signal', slot: '00', generation: 1, signal: 'TERM', to: 'all' },
    ]);
    expect(
      look(told.state, 29_999, { sightings: [running(1)], wish: 'terminate' }).actions,
    ).toEqual([]);
    for (const ms of [30_000, 31_000])
      expect(
        look(told.state, ms, { sightings: [running(1)], wish: 'terminate' }).actions,
      ).toMatchObject([{ signal: 'KILL' }]);
  });

  test('is killed without TERM when asked so', () => {
    expect(look(RUNNING, 0, { sightings: [running(1)], wish: 'kill' }).actions).toMatchObject([
      { signal: 'KILL' },
    ]);
  });

  test('does not count the end that was asked for as a failure', () => {
    const { state } = look(RUNNING, 0, { sightings: [running(1)], wish: 'terminate' });
    const exit = { result: 'signal', code: 'killed', status: 'TERM' };
    expect(look(state, 1000, { sightings: [ended(1, exit)], wish: 'terminate' })).toMatchObject({
      state: { state: 'waiting', failures: 0, lastExit: 'signal TERM' },
      actions: [],
    });
  });
});

describe('after a restart of the agent', () => {
  test('a running pilot is adopted, not started twice', () => {
    expect(look(RUNNING, 5000, { sightings: [running(1)] })).toEqual({
      state: RUNNING,
      actions: [],
    });
  });

  test('a pilot that the state forgot is adopted too', () => {
    expect(look(newSlot(T0), 0, { sightings: [running(7)] })).toMatchObject({
      state: { state: 'running', generation: 7 },
      actions: [],
    });
  });

  test('an end while nobody looked is found by its record', () => {
    expect(look(RUNNING, 3_600_000, { sightings: [ended(1, BAD)] }).state).toMatchObject({
      failures: 1,
      lastExit: 'exit 1',
    });
  });

  test('a reboot is no failure of the pilot', () => {
    const rebooted = {
      slot: '00',
      now: { ...at(90_000), bootId: 'b2' },
      lookedAt: undefined,
      sightings: [],
      answer: undefined,
      leftMs: 0,
      wish: 'work' as const,
      policy: POLICY,
      jitter: 1,
    };
    expect(superviseSlot(RUNNING, rebooted)).toMatchObject({
      state: { state: 'starting', generation: 2, failures: 0 },
      actions: [{ kind: 'start', generation: 2 }],
    });
  });
});

test('back-off doubles up to its bound and is spread by chance', () => {
  expect([1, 2, 3, 10].map(failures => backoffMs(failures, POLICY, 1))).toEqual([
    10_000, 20_000, 40_000, 600_000,
  ]);
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 1e6 }),
      fc.double({ min: 0, max: 1, noNaN: true }),
      (failures, jitter) => {
        const ms = backoffMs(failures, POLICY, jitter);
        expect(ms).toBeGreaterThanOrEqual(5000);
        expect(ms).toBeLessThanOrEqual(600_000);
      },
    ),
  );
});

test('whatever happens: one pilot at a time, generations only grow, and none starts unless it may', () => {
  const event = fc.record({
    afterMs: fc.integer({ min: 0, max: 120_000 }),
    wish: fc.constantFrom<Wish>('work', 'no-new', 'refuse', 'drain', 'terminate', 'kill'),
    appears: fc.boolean(),
    ends: fc.option(fc.constantFrom(OK, BAD), { nil: undefined }),
    forget: fc.boolean(),
  });
  fc.assert(
    fc.property(fc.array(event, { maxLength: 60 }), events => {
      let state = newSlot(T0);
      let world: UnitSighting | undefined;
      let ms = 0;
      for (const { afterMs, wish, appears, ends, forget } of events) {
        ms += afterMs;
        if (world?.state === 'running' && ends !== undefined) world = ended(world.generation, ends);
        // A restart with the state file lost; units that exist are still to be seen.
        if (forget) state = newSlot(at(ms));
        const before = state.generation;
        const { state: next, actions } = look(state, ms, {
          sightings: world === undefined ? [] : [world],
          wish,
        });
        for (const action of actions) {
          if (action.kind !== 'start') continue;
          expect(wish).toBe('work');
          expect(world?.state).not.toBe('running');
          expect(action.generation).toBeGreaterThan(before);
          world = appears ? running(action.generation) : world;
        }
        if (wish === 'no-new' && !isAlive(state) && world?.state !== 'running')
          expect(isAlive(next)).toBe(false);
        state = next;
      }
    }),
    { numRuns: 500 },
  );
});
