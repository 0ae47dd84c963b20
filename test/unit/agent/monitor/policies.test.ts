import { describe, expect, test } from 'vitest';
import { shutdownMessageOf } from '../../../../agent/monitor/shutdown-message.ts';
import { FAILED, measured, NO_DATA } from '../../../../agent/reading.ts';
import { BUSY, contextOf, createWorld, minutes, QUIET } from './worlds.ts';

const HOUR = minutes(60);

describe('zero load', () => {
  const context = contextOf({
    policies: { zeroLoad: { below: 0.1, window: '10m', minimumAge: '15m' } },
  });
  test('halts after its window, and not before the VM had its chance', () => {
    const world = createWorld(context);
    world.tick({ readings: QUIET });
    expect(world.pass(minutes(14), { readings: QUIET }).phase).toBe('running');
    expect(world.pass(minutes(1), { readings: QUIET })).toMatchObject({
      phase: 'halting',
      reason: 'zero-load: load 0 below 0.1 for 15m of 10m',
    });
  });

  test.each([
    ['load', { ...QUIET, load: measured(0.1) }],
    ['a reading that failed', { ...QUIET, load: FAILED }],
    ['a payload that a pilot says it runs', { ...QUIET, payloads: measured(1) }],
    ['a GPU at work', { ...QUIET, gpus: measured(0.4) }],
    ['GPUs that nobody could ask', { ...QUIET, gpus: FAILED }],
    ['GPUs that were not asked yet', { ...QUIET, gpus: NO_DATA }],
    ['work that is not in the average yet', { ...QUIET, cpuCores: measured(1) }],
    ['payloads of which nobody could ask', { ...QUIET, payloads: FAILED }],
    ['cores in use that could not be read', { ...QUIET, cpuCores: FAILED }],
  ])('%s begins the window anew', (_what, break_) => {
    const world = createWorld(context);
    world.pass(minutes(14), { readings: QUIET });
    world.pass(0, { readings: break_ });
    expect(world.pass(minutes(9), { readings: QUIET }).phase).toBe('running');
    expect(world.pass(minutes(2), { readings: QUIET }).phase).toBe('halting');
  });

  test('a pilot that has a payload is heard, whatever another does not say', () => {
    const world = createWorld(context);
    const answers = new Map([['00-1', { payloads: measured(1) }]]);
    expect(world.pass(minutes(60), { readings: QUIET, answers }).phase).toBe('running');
  });

  test('a VM whose GPUs rest too is one on which nothing runs', () => {
    const world = createWorld(context);
    const readings = { ...QUIET, gpus: measured(0) };
    expect(world.pass(minutes(15), { readings }).phase).toBe('halting');
  });

  test('a VM with a busy GPU is never unused', () => {
    const world = createWorld(context);
    const readings = { ...QUIET, gpus: measured(1) };
    expect(world.pass(24 * HOUR, { readings }).phase).toBe('running');
  });

  test('begins anew after a restart: what nobody saw was not idleness', () => {
    const world = createWorld(context);
    world.pass(minutes(14), { readings: QUIET });
    world.restart();
    expect(world.pass(minutes(9), { readings: QUIET }).phase).toBe('running');
  });
});

describe('no payloads', () => {
  const context = contextOf({
    policies: { zeroLoad: false, noPayloads: { window: '20m', minimumAge: '1m' } },
  });
  const idle = { ...BUSY, payloads: measured(0) };
  test('halts when the pilots say they have nothing to do', () => {
    const world = createWorld(context);
    expect(world.pass(minutes(19), { readings: idle }).phase).toBe('running');
    expect(world.pass(minutes(1), { readings: idle })).toMatchObject({
      phase: 'halting',
      reason: 'no-payloads: no payload for 20m of 20m',
    });
  });
  test.each([
    ['has not spoken yet', NO_DATA],
    ['could not be asked', FAILED],
  ])('does not count the time in which a pilot %s, and does not begin anew', (_what, payloads) => {
    const world = createWorld(context);
    world.pass(minutes(15), { readings: idle });
    world.pass(minutes(30), { readings: { ...idle, payloads } });
    expect(world.pass(minutes(4), { readings: idle }).phase).toBe('running');
    expect(world.pass(minutes(1), { readings: idle }).phase).toBe('halting');
  });
  test('begins anew after a payload of one pilot, whatever is unknown of another', () => {
    const world = createWorld(context);
    world.pass(minutes(15), { readings: idle });
    const answers = new Map([['00-1', { payloads: measured(1) }]]);
    world.tick({ readings: { ...idle, payloads: NO_DATA }, answers });
    expect(world.pass(minutes(19), { readings: idle }).phase).toBe('running');
    expect(world.pass(minutes(2), { readings: idle }).phase).toBe('halting');
  });
  test('never when they do not say', () => {
    const world = createWorld(context);
    expect(world.pass(3 * HOUR, { readings: QUIET }).phase).toBe('running');
  });
});

describe('what the pilots of a VM came to', () => {
  const policies = { zeroLoad: false, noPayloads: false };
  const END = { result: 'exit-code', code: 'exited', status: '1' };
  /** The VM after each of its pilots has ended with these last words, for a day. */
  const after = (words: string, pilots: object = {}) => {
    const command = { kind: 'command', command: ['/bin/pilot'], slots: 'whole-node', ...pilots };
    const world = createWorld(contextOf({ policies, pilots: command, hold: '20m' }));
    for (let minute = 0; minute < 24 * 60 && world.state().ending === undefined; minute += 1) {
      const generation = world.state().slots['00']?.generation ?? 0;
      const answers = new Map([[`00-${generation}`, { payloads: measured(0), said: words }]]);
      world.pass(minutes(1), { answers });
      if (minute > 0) world.end(END);
    }
    const { turns, slots, ending } = world.state();
    return {
      phases: turns.map(({ phase }) => phase).filter(phase => phase !== 'contextualizing'),
      runs: slots['00']?.generation ?? 0,
      message: ending === undefined ? '' : shutdownMessageOf(world.state()).slice(0, 3),
    };
  };

  test.each<[string, object, string[], string, (runs: number) => boolean]>([
    ['200 done', {}, ['running'], '', runs => runs > 100],
    ['300 no more work', {}, ['running'], '', runs => runs > 50],
    ['no-restart: enough', {}, ['running', 'halting'], '200', runs => runs === 1],
    ['400 banned', {}, ['running', 'halting'], '400', runs => runs === 1],
    ['500 bad node', {}, ['running', 'failed', 'halting'], '500', runs => runs === 1],
    ['600 no server', {}, ['running', 'failed', 'halting'], '600', runs => runs === 6],
    ['700 who knows', {}, ['running', 'failed', 'halting'], '700', runs => runs === 6],
    ['200 done', { restart: 'never' }, ['running', 'halting'], '200', runs => runs === 1],
    ['300 no work', { restart: 'never' }, ['running', 'halting'], '300', runs => runs === 1],
    ['300 no work', { restart: 'on-failure' }, ['running', 'halting'], '300', runs => runs === 1],
    ['400 banned', { restart: 'never' }, ['running', 'halting'], '400', runs => runs === 1],
    ['500 bad', { restart: 'never' }, ['running', 'failed', 'halting'], '500', runs => runs === 1],
    ['700 oh', { restart: 'never' }, ['running', 'failed', 'halting'], '700', runs => runs === 1],
  ])('%s with %j: %j, %s', (words, pilots, phases, message, isRight) => {
    const found = after(words, pilots);
    expect(found).toMatchObject({ phases, message });
    expect([found.runs, isRight(found.runs)]).toEqual([found.runs, true]);
  });
});

describe('life time', () => {
  const policies = {
    lifetime: { max: '48h', payload: '6h', spread: '2h' },
    zeroLoad: false,
    noPayloads: false,
  };
  test.each([
    [0, 42],
    [1, 40],
    [0.5, 41],
  ])('with a spread of %d drains from hour %d on, less what its end takes', (spread, hour) => {
    const world = createWorld(contextOf({ policies }), spread);
    world.tick();
    world.jump(hour * HOUR - minutes(1) - 30_000 - 1000);
    expect(world.tick().phase).toBe('running');
    world.jump(1000);
    expect(world.tick().phase).toBe('draining');
  });

  test('lets a payload end that takes as long as is typical and has just started', () => {
    const world = createWorld(contextOf({ policies }));
    world.tick();
    world.jump(42 * HOUR - minutes(1) - 30_000);
    expect(world.tick()).toMatchObject({ phase: 'draining' });
    const { ending } = world.state();
    expect(ending).toMatchObject({ by: 'lifetime' });
    world.jump(6 * HOUR - 1000);
    expect(world.tick()).toMatchObject({ phase: 'draining', actions: [] });
    world.jump(1000);
    expect(world.tick().actions).toMatchObject([{ kind: 'signal' }]);
  });

  test('ends a VM at its hard end also where it only observes', () => {
    const lifetime = { ...policies.lifetime, mode: 'observe' };
    const world = createWorld(contextOf({ policies: { ...policies, lifetime } }));
    world.tick();
    world.jump(47 * HOUR);
    expect(world.tick()).toMatchObject({
      phase: 'running',
      verdicts: expect.arrayContaining([
        expect.objectContaining({ policy: 'lifetime', action: 'drain', mode: 'observe' }),
      ]),
    });
    world.jump(HOUR);
    expect(world.tick().phase).toBe('halting');
  });

  test('is over at the hard end, pilots and farewell included, whatever the clock says', () => {
    const world = createWorld(
      contextOf({ policies, ending: { killGrace: '1m', farewell: '30s' } }),
    );
    world.tick();
    world.jump(48 * HOUR - minutes(1) - 30_000);
    expect(world.tick().actions).toMatchObject([{ signal: 'TERM' }]);
    world.jump(minutes(1));
    world.tick();
    expect(world.tick()).toMatchObject({ phase: 'halting', finish: true });
  });
});
