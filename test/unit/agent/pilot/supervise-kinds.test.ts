import { describe, expect, test } from 'vitest';
import type { Answer } from '../../../../agent/pilot/answer.ts';
import type { Outcome } from '../../../../agent/pilot/outcome.ts';
import { newSlot, type SlotState } from '../../../../agent/pilot/slot-state.ts';
import type { SupervisePolicy } from '../../../../agent/pilot/supervise.ts';
import { measured } from '../../../../agent/reading.ts';
import { ended, look, OK, RUNNING, running, T0 } from './slot-looks.ts';

describe('what an end means decides what follows', () => {
  test.each<[Outcome, Partial<SupervisePolicy>, SlotState['state'], number]>([
    ['work-done', {}, 'starting', 0],
    ['no-restart', {}, 'ended', 0],
    ['nothing-to-do', {}, 'waiting', 0],
    ['nothing-to-do', { restart: 'on-failure' }, 'ended', 0],
    ['banned', {}, 'gave-up', 1],
    ['bad-node', {}, 'gave-up', 1],
    ['bad-node', { restart: 'never' }, 'ended', 1],
    ['site-problem', {}, 'waiting', 1],
    ['transient', { restart: 'on-failure' }, 'waiting', 1],
  ])('%s with %j leaves the slot %s after %i failures', (outcome, policy, state, failures) => {
    const { state: next } = look(RUNNING, 90_000, {
      sightings: [ended(1, OK)],
      policy: { ...policy, classify: () => outcome },
    });
    expect(next).toMatchObject({ state, failures });
  });

  test('runs that find nothing to do come ever less often, but are never given up', () => {
    const policy = { classify: () => 'nothing-to-do' as const };
    let state = newSlot(T0);
    const starts: number[] = [];
    for (let ms = 0; ms < 7_200_000; ms += 10_000) {
      const exits = state.state === 'starting' ? [ended(state.generation, OK)] : [];
      const next = look(state, ms, { sightings: exits, policy });
      state = next.state;
      if (next.actions.length > 0) starts.push(ms);
    }
    const pauses = starts.slice(1).map((ms, index) => ms - (starts[index] ?? 0));
    expect(pauses.slice(0, 3)).toEqual([20_000, 30_000, 50_000]);
    expect(pauses.at(-1)).toBe(610_000);
    expect(state.lastExit).toBe('exit 0: no more work');
  });
});

test('an end tells why the pilot could not join', () => {
  const { state } = look(RUNNING, 90_000, {
    sightings: [ended(1, OK)],
    answer: { payloads: measured(0), joined: false, said: 'the pool refuses it: denied' },
    policy: { classify: () => 'site-problem' },
  });
  expect(state.lastExit).toBe(
    'exit 0: problem with the pilot or its service (the pool refuses it: denied)',
  );
});

describe('a pilot whose kind can be told', () => {
  const policy: Partial<SupervisePolicy> = {
    isTold: true,
    hurryMs: 60_000,
    stop: { signal: 'QUIT', to: 'main' },
  };
  const READY: Answer = { ready: true, payloads: measured(1) };
  const at1 = { sightings: [running(1)], answer: READY, policy };
  const DRAINED: SlotState = { ...RUNNING, state: 'running', told: 'drain' };
  const HURRIED: SlotState = { ...RUNNING, state: 'running', told: 'hurry' };

  test('is told of a drain once, and of its end once it is taken back', () => {
    const first = look(RUNNING, 0, { ...at1, wish: 'drain', leftMs: 3_600_000 });
    expect(first).toMatchObject({
      state: { told: 'drain' },
      actions: [{ kind: 'drain', leftMs: 3_600_000 }],
    });
    expect(look(first.state, 1000, { ...at1, wish: 'drain', leftMs: 3_599_000 }).actions).toEqual(
      [],
    );
    expect(look(first.state, 2000, at1)).toEqual({
      state: RUNNING,
      actions: [{ kind: 'undrain', slot: '00', generation: 1 }],
    });
  });

  describe('that is to take no more payloads', () => {
    const refusing = { ...at1, wish: 'refuse' as const };
    const first = look(RUNNING, 0, refusing);
    test('is told so once, and stays', () => {
      expect(first).toMatchObject({
        state: { state: 'running', told: 'refuse' },
        actions: [{ kind: 'drain', leftMs: Number.POSITIVE_INFINITY }],
      });
      expect(look(first.state, 1000, refusing).actions).toEqual([]);
      const empty = { ...refusing, answer: { ...READY, ready: false } };
      expect(look(first.state, 1000, empty).actions).toEqual([]);
    });
    test('is told once more when it is to take some again', () => {
      expect(look(first.state, 1000, at1)).toMatchObject({
        state: { state: 'running' },
        actions: [{ kind: 'undrain' }],
      });
      expect(look(first.state, 1000, at1).state).not.toHaveProperty('told');
    });
    test('is told of the deadline once there is one', () => {
      const drained = look(first.state, 1000, { ...at1, wish: 'drain', leftMs: 9e6 });
      expect(drained).toMatchObject({
        state: { told: 'drain' },
        actions: [{ kind: 'drain', leftMs: 9e6 }],
      });
    });
    test('is told first that a deadline which it was told of is none any more', () => {
      const lifted = look(DRAINED, 0, refusing);
      expect(lifted.actions).toMatchObject([{ kind: 'undrain' }]);
      expect(look(lifted.state, 1000, refusing).actions).toMatchObject([{ kind: 'drain' }]);
    });
    test('starts no other', () => {
      const waiting = {
        state: 'waiting',
        generation: 1,
        since: RUNNING.since,
        failures: 0,
      } as const;
      expect(look(waiting, 9e6, { wish: 'refuse' }).actions).toEqual([]);
    });
  });

  test('is told again of a drain that it does not follow, once a minute', () => {
    const first = look(RUNNING, 0, { ...at1, wish: 'drain', leftMs: 9e6 });
    const at = (ms: number, draining?: boolean) =>
      look(first.state, ms, {
        ...at1,
        answer: { ...READY, ...(draining === undefined ? {} : { draining }) },
        ...{ wish: 'drain', leftMs: 9e6 - ms },
      });
    expect(at(59_999, false).actions).toEqual([]);
    const again = at(60_000, false);
    expect(again.actions).toMatchObject([{ kind: 'drain', leftMs: 9e6 - 60_000 }]);
    expect(at(60_000, true).actions).toEqual([]);
    // A kind that does not tell whether it drains has heard it.
    expect(at(60_000).actions).toEqual([]);
    expect(
      look(again.state, 100_000, {
        ...at1,
        answer: { ...READY, draining: false },
        ...{ wish: 'drain', leftMs: 8e6 },
      }).actions,
    ).toEqual([]);
  });

  test.each([
    [RUNNING, 60_001, 'drain'],
    [RUNNING, 60_000, 'hurry'],
    [DRAINED, 60_000, 'hurry'],
    [HURRIED, 30_000, undefined],
  ])('%# is hurried as soon as little time is left, and no second time', (state, leftMs, kind) => {
    const { actions } = look(state, 0, { ...at1, wish: 'drain', leftMs });
    expect(actions.map(action => action.kind)).toEqual(kind === undefined ? [] : [kind]);
  });

  test('is ended at the deadline: its own signal, then KILL to all of it', () => {
    const told = look(HURRIED, 0, { ...at1, wish: 'terminate' });
    expect(told.actions).toMatchObject([{ kind: 'signal', signal: 'QUIT', to: 'main' }]);
    expect(look(told.state, 30_000, { ...at1, wish: 'terminate' }).actions).toMatchObject([
      { signal: 'KILL', to: 'all' },
    ]);
  });

  test('that a halt surprises may save its work for two thirds of the grace', () => {
    const told = look(RUNNING, 0, { ...at1, wish: 'terminate' });
    expect(told.actions).toMatchObject([{ kind: 'hurry', leftMs: 20_000 }]);
    expect(look(told.state, 19_999, { ...at1, wish: 'terminate' }).actions).toEqual([]);
    const late = look(told.state, 20_000, { ...at1, wish: 'terminate' });
    expect(late.actions).toMatchObject([{ signal: 'QUIT' }]);
    expect(look(late.state, 21_000, { ...at1, wish: 'terminate' }).actions).toEqual([]);
    expect(look(late.state, 30_000, { ...at1, wish: 'terminate' }).actions).toMatchObject([
      { signal: 'KILL' },
    ]);
  });

  test('that can take no payload any more is not waited for', () => {
    const gone = { ...at1, answer: { ready: false, payloads: measured(0) } };
    for (const state of [RUNNING, DRAINED, HURRIED])
      expect(look(state, 0, { ...gone, wish: 'drain', leftMs: 9e6 }).actions).toMatchObject([
        { signal: 'QUIT' },
      ]);
    const halted = look(RUNNING, 0, { ...at1, wish: 'terminate' }).state;
    expect(look(halted, 1000, { ...gone, wish: 'terminate' }).actions).toMatchObject([
      { signal: 'QUIT' },
    ]);
    expect(look(RUNNING, 0, gone).actions).toEqual([]);
  });
});
