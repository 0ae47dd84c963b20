import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { sickNode } from '../../../../../agent/monitor/policy/sick-node.ts';
import type { Readings, Snapshot } from '../../../../../agent/monitor/snapshot.ts';
import type { SlotState } from '../../../../../agent/pilot/slot-state.ts';
import { FAILED, measured, NO_DATA, type Reading } from '../../../../../agent/reading.ts';
import { at, BUSY, contextOf, createWorld, minutes, T0 } from '../worlds.ts';
import { judgementOf } from './judging.ts';

const HOUR = minutes(60);
const contextWith = (proxies = 'http://squid:3128', more: object = {}) =>
  contextOf({
    cvmfs: { repositories: ['grid.cern.ch'], proxies },
    policies: { zeroLoad: false, noPayloads: false, sickNode: { after: '5m' } },
    hold: '20m',
    ...more,
  });
const WELL: Readings = {
  ...BUSY,
  ...{ cvmfs: measured(1), squid: measured(1) },
  ...{ diskFreeShare: measured(0.4), inodesFreeShare: measured(0.9) },
};
const NO_CVMFS = { ...WELL, cvmfs: measured(0) };
const gaveUp: SlotState = {
  ...{ state: 'gave-up', generation: 6, since: T0, failures: 6, outcome: 'transient' },
};
const runs: SlotState = { state: 'running', generation: 1, since: T0, failures: 0 };

describe('a node', () => {
  test.each<[string, Partial<Readings>, string | undefined, string]>([
    [
      'that is well',
      {},
      undefined,
      'CVMFS is well; the squid is well; disk is well; inodes is well; pilots are well',
    ],
    ['without CVMFS', { cvmfs: measured(0) }, 'hold', 'a repository of CVMFS does not answer'],
    ['with a full disk', { diskFreeShare: measured(0.009) }, 'hold', '0.9% of the disk are left'],
    ['without inodes', { inodesFreeShare: measured(0) }, 'hold', '0.0% of the inodes are left'],
    ['without squids', { squid: measured(0) }, 'hold', 'no squid serves, and there is no fallback'],
    ['of which nothing is known', { cvmfs: FAILED, squid: NO_DATA }, undefined, ''],
  ])('%s', (_what, readings, action, because) => {
    const found = judgementOf(sickNode, {
      context: contextWith(),
      snapshot: { now: at(minutes(5)), readings: { ...WELL, ...readings } },
      since: action === undefined ? undefined : T0,
    });
    expect(found.action).toBe(action ?? 'none');
    expect(found.because).toContain(because);
  });

  test.each(['http://squid:3128;DIRECT', 'auto;http://squid:3128'])(
    'whose squids are dead goes on where its proxies are %s',
    proxies => {
      const snapshot = { now: at(HOUR), readings: { ...WELL, squid: measured(0) } };
      const found = judgementOf(sickNode, { context: contextWith(proxies), snapshot, since: T0 });
      expect(found.action).toBe('none');
    },
  );

  test.each<[string, SlotState[], string]>([
    ['most slots gave up', [gaveUp, gaveUp, runs], 'hold'],
    ['half of the slots gave up', [gaveUp, runs], 'none'],
    ['most slots are banned', [{ ...gaveUp, outcome: 'banned' }, gaveUp, runs], 'none'],
  ])('on which %s', (_what, slots, action) => {
    const state = { slots: Object.fromEntries(slots.map((slot, at) => [String(at), slot])) };
    const snapshot = { now: at(HOUR), readings: WELL };
    const found = judgementOf(sickNode, { state, context: contextWith(), snapshot, since: T0 });
    expect(found.action).toBe(action);
  });

  test.each<[string, Partial<Readings>, string[]]>([
    ['CVMFS', { cvmfs: measured(0) }, ['remount-cvmfs']],
    ['its squids', { squid: measured(0) }, ['rebalance-squids']],
    ['its disk', { diskFreeShare: measured(0) }, []],
  ])('without %s is mended from the first look on by %j', (_what, readings, kinds) => {
    const snapshot = { now: T0, readings: { ...WELL, ...readings } };
    const { repairs = [] } = judgementOf(sickNode, { context: contextWith(), snapshot });
    expect(repairs.map(({ kind }) => kind)).toEqual(kinds);
  });

  test('that only observes mends nothing', () => {
    const policies = { zeroLoad: false, sickNode: { mode: 'observe' } };
    const world = createWorld(contextWith('http://squid:3128', { policies }));
    const { phase, repairs, verdicts } = world.pass(minutes(6), { readings: NO_CVMFS });
    expect({ phase, repairs }).toEqual({ phase: 'running', repairs: [] });
    expect(verdicts).toContainEqual(
      expect.objectContaining({ policy: 'sick-node', action: 'hold', mode: 'observe' }),
    );
  });
});

describe('a sick node', () => {
  const sick = { readings: NO_CVMFS };
  const well = { readings: WELL };

  test('is held once it has been so for a while', () => {
    const world = createWorld(contextWith());
    world.tick(well);
    expect(world.pass(minutes(5) - 10_000, sick).phase).toBe('running');
    expect(world.pass(10_000, sick)).toMatchObject({
      ...{ phase: 'failed', reason: 'a repository of CVMFS does not answer' },
    });
  });

  test('that is well again works on, and its pilots start', () => {
    const world = createWorld(contextWith());
    world.pass(minutes(5), sick);
    world.end({ result: 'success', code: 'exited', status: '0' });
    world.pass(minutes(1), sick);
    expect(world.running()).toBe(0);
    expect(world.pass(minutes(5) - 10_000, well).phase).toBe('failed');
    expect(world.pass(20_000, well)).toMatchObject({ phase: 'running' });
    expect(world.running()).toBe(1);
  });

  test('is not let go by a reading that failed', () => {
    const world = createWorld(contextWith());
    world.pass(minutes(5), sick);
    world.pass(minutes(4), well);
    world.tick({ readings: { ...WELL, cvmfs: FAILED } });
    expect(world.pass(minutes(4), well).phase).toBe('failed');
    expect(world.pass(minutes(2), well).phase).toBe('running');
  });

  test('with nothing at work halts at the end of its hold', () => {
    const world = createWorld(contextWith());
    world.pass(minutes(5), sick);
    world.end({ result: 'success', code: 'exited', status: '0' });
    expect(world.pass(minutes(20), sick)).toMatchObject({ phase: 'halting', finish: true });
    expect(world.state().ending).toMatchObject({ by: 'hold' });
  });

  test('with a payload lets that end after its hold, for as long as one typically takes', () => {
    const world = createWorld(contextWith());
    const answers = new Map([['00-1', { payloads: measured(1) }]]);
    world.pass(minutes(25), { ...sick, answers });
    const begun = world.state().hold?.since ?? T0;
    const ending = { kind: 'drain', by: 'hold' };
    expect(world.state().ending).toMatchObject(ending);
    world.jump(6 * HOUR - minutes(1));
    expect(world.tick({ ...sick, answers })).toMatchObject({ phase: 'failed', actions: [] });
    world.jump(minutes(1));
    expect(world.tick({ ...sick, answers }).actions).toMatchObject([{ kind: 'signal' }]);
    expect(begun).toEqual(at(minutes(5)));
  });

  test('that is well again while it drains for that works on', () => {
    const world = createWorld(contextWith());
    world.pass(minutes(26), sick);
    expect(world.state().ending).toMatchObject({ kind: 'drain' });
    expect(world.pass(minutes(6), well).phase).toBe('running');
    expect(world.state()).not.toHaveProperty('ending');
    expect(world.state()).not.toHaveProperty('hold');
  });

  test('lifts no hold but its own', () => {
    const world = createWorld(contextWith());
    world.tick(well);
    for (let run = 0; run < 10; run += 1) {
      world.end({ result: 'exit-code', code: 'exited', status: '1' });
      world.pass(minutes(11), well);
    }
    expect(world.state().turns.at(-1)?.reason).toMatch(/^hold: held for 20m of 20m: 1 of 1 slots/);
  });
});

test('whatever is read: what is missing neither holds a node nor lets one go', () => {
  const missing = fc.constantFrom<Reading>(FAILED, NO_DATA);
  const reading = (values: readonly number[]) =>
    fc.oneof(missing, fc.constantFrom(...values.map(value => measured(value))));
  const look: fc.Arbitrary<Partial<Snapshot>> = fc
    .record({
      ...{ cvmfs: reading([0, 1]), squid: reading([0, 1]) },
      ...{ diskFreeShare: reading([0, 0.5]), inodesFreeShare: reading([0, 0.5]) },
    })
    .map(found => ({ readings: { ...BUSY, ...found } }));
  const isIll = ({ readings }: Partial<Snapshot>): boolean =>
    [readings?.cvmfs, readings?.squid, readings?.diskFreeShare, readings?.inodesFreeShare].some(
      found => found?.ok === true && found.value === 0,
    );
  const isKnown = ({ readings }: Partial<Snapshot>): boolean =>
    [readings?.cvmfs, readings?.squid, readings?.diskFreeShare, readings?.inodesFreeShare].every(
      found => found?.ok === true,
    );
  fc.assert(
    fc.property(fc.array(look, { maxLength: 40 }), looks => {
      const world = createWorld(contextWith('http://squid:3128', { hold: '10h' }));
      for (const each of looks) {
        const wasHeld = world.state().hold !== undefined;
        world.pass(minutes(1), each);
        const isHeld = world.state().hold !== undefined;
        if (!wasHeld && isHeld) expect(isIll(each)).toBe(true);
        if (wasHeld && !isHeld) expect(isKnown(each) && !isIll(each)).toBe(true);
      }
    }),
  );
});
