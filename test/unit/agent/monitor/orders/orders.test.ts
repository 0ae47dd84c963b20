import { describe, expect, test } from 'vitest';
import { obey } from '../../../../../agent/monitor/obey.ts';
import { paceNow } from '../../../../../agent/monitor/orders/pace.ts';
import { newMonitorState } from '../../../../../agent/monitor/state.ts';
import { measured } from '../../../../../agent/reading.ts';
import { at, contextOf, createWorld, minutes, order } from '../worlds.ts';
import { idAt } from './given-ids.ts';

const OK = { result: 'success', code: 'exited', status: '0' };
const TERM = { result: 'signal', code: 'killed', status: 'TERM' };

const atWork = (context = contextOf()) => {
  const world = createWorld(context);
  world.tick();
  world.tick();
  return world;
};
const endPilot = (pilot: string, more = {}) => order('end-pilot', { pilot, ...more });
const lastWord = (world: ReturnType<typeof createWorld>) => world.state().handled.at(-1);

describe('end-pilot', () => {
  test('tells the pilot to end, and another follows it', () => {
    const world = atWork();
    expect(world.tick({ orders: [endPilot('00')] })).toMatchObject({
      phase: 'running',
      actions: [{ kind: 'signal', slot: '00', generation: 1, signal: 'TERM', to: 'all' }],
    });
    expect(lastWord(world)).toMatchObject({ outcome: 'done', detail: '00-1 is told to end' });
    expect(world.tick().actions).toEqual([]);
    world.end(TERM);
    expect(world.tick().actions).toMatchObject([{ kind: 'start', generation: 2 }]);
    expect(world.state().slots['00']).toMatchObject({
      failures: 0,
      lastExit: 'signal TERM: receiver: because',
    });
  });

  test('gives it its grace, then kills it', () => {
    const world = atWork(contextOf({ ending: { killGrace: '1m' } }));
    world.tick({ orders: [endPilot('00-1')] });
    expect(world.pass(minutes(1) - 10_000).actions).toEqual([]);
    expect(world.pass(10_000).actions).toMatchObject([{ signal: 'KILL' }]);
  });

  test('kills it at once, where that is the order', () => {
    const world = atWork();
    expect(world.tick({ orders: [endPilot('00', { mode: 'now' })] }).actions).toEqual([
      { kind: 'signal', slot: '00', generation: 1, signal: 'KILL', to: 'all' },
    ]);
  });

  test('without another after it closes the slot, and the VM ends with its last pilot', () => {
    const world = atWork();
    world.tick({ orders: [endPilot('00', { restart: false })] });
    world.end(TERM);
    const decision = world.pass(minutes(1));
    expect(world.state().slots['00']).toMatchObject({
      state: 'ended',
      outcome: 'no-restart',
      lastExit: expect.stringContaining('receiver: because'),
    });
    expect(decision.phase).toBe('halting');
  });

  test('holds also where the run that is meant ends before it could be told', () => {
    const world = createWorld();
    world.tick();
    world.end(OK);
    world.tick({ orders: [endPilot('00-1', { restart: false })] });
    world.pass(minutes(20));
    expect(world.state().slots['00']).toMatchObject({ state: 'ended', generation: 1 });
  });

  test('is written down, and waits for the context after a restart', () => {
    const world = atWork();
    world.restart();
    const pending = { preparation: { state: 'pending' as const } };
    expect(world.tick({ ...pending, orders: [endPilot('00')] }).actions).toEqual([]);
    world.restart();
    expect(world.tick().actions).toMatchObject([{ signal: 'TERM', generation: 1 }]);
  });

  test.each([
    ['07', 'refused', 'this VM has no slot 07'],
    ['00-2', 'refused', 'there has been no 00-2 yet'],
    ['00-0', 'done', '00-0 has ended already; 00-1 followed it'],
  ])('of %s is %s: %s', (pilot, outcome, detail) => {
    const world = atWork();
    expect(world.tick({ orders: [endPilot(pilot)] }).actions).toEqual([]);
    expect(lastWord(world)).toMatchObject({ outcome, detail });
  });

  test('of a slot in which nothing runs is over, and may close it', () => {
    const world = createWorld(
      contextOf({
        pilots: {
          ...{ kind: 'command', command: ['/bin/pilot'], slots: 'whole-node' },
          backoff: { first: '10m', most: '10m' },
        },
      }),
    );
    world.tick();
    world.tick();
    world.end({ result: 'exit-code', code: 'exited', status: '1' });
    world.tick();
    world.tick({ orders: [endPilot('00', { id: 'a' })] });
    expect(lastWord(world)).toMatchObject({ outcome: 'done', detail: '00-1 has ended already' });
    expect(world.state().slots['00']).toMatchObject({ state: 'waiting' });
    world.tick({ orders: [endPilot('00', { id: 'b', restart: false })] });
    expect(world.state().slots['00']).toMatchObject({ state: 'ended', outcome: 'no-restart' });
  });

  test('ends no run that came after the one that was meant', () => {
    const world = atWork();
    const meant = endPilot('00', { id: idAt(1) });
    world.tick({ orders: [meant] });
    world.end(TERM);
    world.tick();
    world.tick();
    expect(world.tick({ orders: [meant] }).actions).toEqual([]);
    expect(world.state().slots['00']).toMatchObject({ state: 'running', generation: 2 });
  });
});

describe('an undrain', () => {
  test('that arrives before the drain that it takes back does so all the same', () => {
    const world = atWork();
    world.tick({ orders: [order('undrain', { id: idAt(2) })] });
    expect(world.tick({ orders: [order('drain', { id: idAt(1) })] }).phase).toBe('running');
    expect(lastWord(world)).toMatchObject({
      outcome: 'done',
      detail: 'it has been taken back already, by an undrain that was given later',
    });
  });

  test('leaves a drain that was given later, with its own deadline', () => {
    const world = atWork();
    const drain = (ms: number, deadlineMs: number) => order('drain', { id: idAt(ms), deadlineMs });
    world.tick({ orders: [drain(1, minutes(10)), drain(3, minutes(30))] });
    expect(world.state().ending).toMatchObject({ deadline: at(minutes(10)) });
    world.tick({ orders: [order('undrain', { id: idAt(2) })] });
    expect(world.state().ending).toMatchObject({ kind: 'drain', deadline: at(minutes(30)) });
  });

  test('of the receiver takes back what an operator on the machine has ordered', () => {
    const world = atWork();
    world.tick({ orders: [order('drain', { source: 'operator', id: idAt(5, 'local-') })] });
    expect(world.tick({ orders: [order('undrain', { id: idAt(1) })] }).phase).toBe('running');
  });
});

describe('a pace', () => {
  test('holds for as long as it was given, also over a restart', () => {
    const world = atWork();
    world.tick({ orders: [order('pace', { everyMs: 5000, forMs: minutes(10) })] });
    world.restart();
    world.tick();
    const { pace } = world.state();
    expect(paceNow(pace, at(minutes(10) - 1))).toBe(5000);
    expect(paceNow(pace, at(minutes(10)))).toBeUndefined();
  });
});

describe('an order that is carried out beside the ticks', () => {
  const signal = order('signal', { signal: 'USR1', pilot: '00', by: 'ada@desk' });

  test('waits in the state, and is acknowledged with what became of it', () => {
    const world = atWork();
    world.tick({ orders: [signal] });
    expect(world.state()).toMatchObject({
      errands: [{ id: 'signal-1', kind: 'signal', signal: 'USR1', pilot: '00', by: 'ada@desk' }],
      handled: [],
    });
    world.tick({ orders: [signal] });
    expect(world.state().errands).toHaveLength(1);
    world.tick({ errandEnds: [{ id: 'signal-1', outcome: 'done', detail: 'USR1 to 1 process' }] });
    expect(world.state().errands).toBeUndefined();
    expect(lastWord(world)).toEqual({
      id: 'signal-1',
      outcome: 'done',
      detail: 'USR1 to 1 process',
    });
  });

  test.each([
    ['signal', 'refused'],
    ['collect-logs', undefined],
    ['rediscover-squids', undefined],
    ['reload-context', undefined],
  ] as const)('and that a restart meets half done: %s is %s', (kind, outcome) => {
    const world = atWork();
    world.tick({ orders: [{ ...signal, id: 'a', kind }] });
    world.restart();
    world.tick({ preparation: { state: 'pending' } });
    expect(lastWord(world)?.outcome).toBe(outcome);
    expect(world.state().errands?.length).toBe(outcome === undefined ? 1 : undefined);
  });

  test('is refused where it is of no use any more, or too many are waiting', () => {
    const world = atWork();
    const many = Array.from({ length: 17 }, (_, index) => ({ ...signal, id: `s-${index}` }));
    world.tick({ orders: many });
    expect(world.state().errands).toHaveLength(16);
    expect(lastWord(world)).toMatchObject({ id: 's-16', outcome: 'refused' });
    const halting = atWork();
    halting.tick({ orders: [order('halt'), order('reload-context')] });
    expect(lastWord(halting)).toMatchObject({ outcome: 'refused', detail: 'the VM is halting' });
  });

  test('expires like any other', () => {
    const world = atWork();
    world.jump(minutes(2));
    world.tick({ orders: [{ ...signal, expiresAt: at(minutes(1)) }] });
    expect(lastWord(world)).toMatchObject({ outcome: 'expired' });
    expect(world.state().errands).toBeUndefined();
  });
});

test('a pilot that is ended while its neighbour works leaves that one alone', () => {
  const slots = ['00', '01'].map(name => ({
    ...{ name, cores: 1, memoryMb: 1000, user: `plt${name}` },
  }));
  const look = {
    preparation: { state: 'done' as const, slots },
    sightings: slots.map(({ name }) => ({
      ...{ slot: name, generation: 1, state: 'running' as const, cpuMs: measured(0) },
    })),
  };
  const world = createWorld();
  world.tick({ preparation: look.preparation });
  world.tick(look);
  expect(world.tick({ ...look, orders: [endPilot('01')] }).actions).toMatchObject([{ slot: '01' }]);
  expect(world.state().slots).toMatchObject({
    '00': { state: 'running' },
    '01': { state: 'stopping' },
  });
});

test('a drain that comes again gives no more time, even where its being handled could not be written down', () => {
  const context = contextOf();
  const drain = order('drain', { deadlineMs: minutes(10) });
  const once = obey(newMonitorState('i-1', at(0)), [drain], at(0), context);
  const again = { ...drain, receivedAt: at(minutes(5)) };
  const twice = obey({ ...once, handled: [] }, [again], at(minutes(5)), context);
  expect(twice.ending).toMatchObject({ kind: 'drain', deadline: at(minutes(10)) });
});
