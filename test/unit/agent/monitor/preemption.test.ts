import { describe, expect, test } from 'vitest';
import { remainingMs } from '../../../../agent/moment.ts';
import type { Notice } from '../../../../agent/monitor/notices/notice.ts';
import { shutdownMessageOf } from '../../../../agent/monitor/shutdown-message.ts';
import { at, BUSY, contextOf, createWorld, minutes, order } from './worlds.ts';

const context = contextOf({
  ending: { killGrace: '1m', farewell: '30s' },
  policies: { zeroLoad: false, noPayloads: false },
});
/** Announced for a moment since the VM's first start. */
const notice = (endsMs: number, more: Partial<Notice> = {}): Notice => ({
  ...{ id: 'a', source: 'ec2-spot', kind: 'preempt', deadline: at(endsMs) },
  because: 'EC2 will terminate this spot instance',
  ...more,
});
const ADVICE: Notice = {
  ...{ id: 'b', source: 'ec2-rebalance', kind: 'advice' },
  because: 'EC2 recommends to move work off',
};

/** A VM whose pilot is at work. */
const atWork = (known = context) => {
  const world = createWorld(known);
  world.tick();
  return world;
};

const drainOf = (world: ReturnType<typeof createWorld>) => {
  const { ending } = world.state();
  return ending?.kind === 'drain' ? ending : undefined;
};

describe('a VM that will be taken', () => {
  test('in two minutes drains at once, with the time that its own end takes kept', () => {
    const world = atWork();
    const decision = world.tick({ notices: [notice(120_000)] });
    expect(decision).toMatchObject({
      phase: 'draining',
      reason: 'preemption: EC2 will terminate this spot instance, in 2m',
    });
    const drain = drainOf(world);
    expect(drain && remainingMs(drain.deadline, at(0))).toBe(30_000);
  });

  test('ends its pilots and itself before', () => {
    const world = atWork();
    const notices = [notice(120_000)];
    world.tick({ notices });
    expect(world.pass(20_000, { notices }).actions).toEqual([]);
    const ended = world.pass(10_000, { notices });
    expect(ended.actions).toMatchObject([{ kind: 'signal', signal: 'TERM' }]);
    expect(world.pass(70_000, { notices }).phase).toBe('halting');
    expect(shutdownMessageOf(world.state())).toMatch(/^100 /);
  });

  test('sooner than its pilots need: they are told at once, and KILL comes before the end', () => {
    const world = atWork();
    const notices = [notice(30_000, { source: 'gce-preempted' })];
    expect(world.tick({ notices }).actions).toMatchObject([{ kind: 'signal', signal: 'TERM' }]);
    expect(drainOf(world)?.graceMs).toBe(22_500);
    // What is left shrinks, but not what the pilots were given.
    expect(world.pass(20_000, { notices }).actions).toEqual([]);
    world.jump(2500);
    expect(world.tick({ notices }).actions).toMatchObject([{ kind: 'signal', signal: 'KILL' }]);
    expect(world.tick({ notices }).phase).toBe('halting');
  });

  test('sooner than was said before brings KILL nearer', () => {
    const world = atWork();
    world.tick({ notices: [notice(60_000)] });
    world.jump(10_000);
    expect(world.tick({ notices: [notice(20_000)] }).actions).toEqual([]);
    expect(drainOf(world)?.graceMs).toBe(17_500);
    // One that now says it will be later lets nobody live who was told to end.
    world.tick({ notices: [notice(90_000)] });
    expect(drainOf(world)?.graceMs).toBe(17_500);
  });

  test.each([
    ['a day ahead works on', 24 * 60, 'running'],
    ['a payload and its end ahead works on', 6 * 60 + 2, 'running'],
    ['a payload ahead drains', 6 * 60 + 1, 'draining'],
  ])('%s', (_what, inMinutes, phase) => {
    const world = atWork();
    expect(world.tick({ notices: [notice(minutes(inMinutes))] }).phase).toBe(phase);
  });

  test('by several goes by the soonest', () => {
    const world = atWork();
    world.tick({
      notices: [notice(minutes(60), { id: 'late' }), ADVICE, notice(minutes(20), { id: 'soon' })],
    });
    const drain = drainOf(world);
    expect(drain && remainingMs(drain.deadline, at(0))).toBe(minutes(20) - 90_000);
  });

  test('at once, without a time, ends its pilots at once', () => {
    const world = atWork();
    const { deadline: _, ...due } = notice(0);
    world.tick();
    expect(world.tick({ notices: [due] }).actions).toMatchObject([{ signal: 'TERM' }]);
  });
});

describe('a notice that is withdrawn', () => {
  test('takes its drain with it, and the same pilots work on', () => {
    const world = atWork();
    world.tick({ notices: [notice(minutes(10))] });
    expect(drainOf(world)).toBeDefined();
    expect(world.tick({ notices: [] }).phase).toBe('running');
    expect(world.running()).toBe(1);
  });

  test("takes nobody else's drain with it", () => {
    const world = atWork();
    world.tick({ orders: [order('drain', { deadlineMs: minutes(60) })] });
    world.tick({ notices: [notice(minutes(10))] });
    const decision = world.tick({ notices: [] });
    expect(decision).toMatchObject({ phase: 'draining', reason: 'receiver: because' });
    const drain = drainOf(world);
    expect(drain && remainingMs(drain.deadline, at(0))).toBe(minutes(60));
  });

  test.each([
    ['a source fails', { notices: [], noticeTroubles: ['ec2-spot: no answer'] }],
    ['nobody has been asked yet, as after a restart', {}],
  ])('is not taken for granted while %s', (_what, more) => {
    const world = atWork();
    world.tick({ notices: [notice(minutes(10))] });
    world.restart();
    expect(world.pass(minutes(1), more).phase).toBe('draining');
    expect(world.tick({ notices: [] }).phase).toBe('running');
  });

  test('comes too late once the VM halts', () => {
    const world = atWork();
    const notices = [notice(minutes(2))];
    world.tick({ notices });
    world.pass(minutes(2), { notices });
    expect(world.tick({ notices: [] }).phase).toBe('halting');
  });
});

describe('what the context says', () => {
  const judged = (policies: object, notices: Notice[]) =>
    atWork(contextOf({ policies })).tick({ readings: BUSY, notices });

  test.each([
    [{ preemption: false }, 'running', 'none'],
    [{ preemption: { mode: 'observe' } }, 'running', 'drain'],
    [{ preemption: { mode: 'enforce' } }, 'draining', 'drain'],
    [{}, 'draining', 'drain'],
  ])('%j: a VM that will be taken is %s, its verdict %s', (policies, phase, action) => {
    const decision = judged(policies, [notice(minutes(2))]);
    expect(decision.phase).toBe(phase);
    expect(decision.verdicts.find(({ policy }) => policy === 'preemption')?.action).toBe(action);
  });

  test.each([
    [{ advice: false }, 'none', 'running', 1],
    [{}, 'no-new', 'running', 1],
    [{ advice: { mode: 'enforce' } }, 'no-new', 'running', 0],
  ])(
    '%j: an advice is judged %s, the VM %s, and %i pilots begin',
    (policies, action, phase, starts) => {
      const decision = createWorld(contextOf({ policies })).tick({ notices: [ADVICE] });
      expect(decision.phase).toBe(phase);
      expect(decision.verdicts.find(({ policy }) => policy === 'advice')?.action).toBe(action);
      expect(decision.actions.filter(({ kind }) => kind === 'start')).toHaveLength(starts);
    },
  );
});

test('why tells which source could not be asked', () => {
  const { verdicts } = atWork().tick({
    notices: [],
    noticeTroubles: ['ec2-spot: EC2 answers 500'],
  });
  expect(verdicts.find(({ policy }) => policy === 'preemption')?.because).toBe(
    'nothing is announced; ec2-spot: EC2 answers 500',
  );
});
