import { describe, expect, test } from 'vitest';
import { later } from '../../../../agent/moment.ts';
import { currentFeatures, type FeaturesInput, isNews } from '../../../../agent/monitor/features.ts';
import { createFeaturesWriter } from '../../../../agent/monitor/features-writer.ts';
import { createLog } from '../../../../platform/log.ts';
import { createMemoryFiles } from '../../../support/memory-files.ts';
import { at, contextOf, createWorld, minutes, order, READY, T0 } from './worlds.ts';

const MACHINE = '/run/pilotage/machinefeatures';
const JOB = '/run/pilotage/jobfeatures/00';
const HOUR = minutes(60);
const CONTEXT = contextOf({
  policies: { lifetime: { max: '48h', payload: '6h', spread: '0s' }, noPayloads: false },
  ending: { killGrace: '1m', farewell: '30s' },
});
const secs = (ms: number): number => Math.floor(at(ms).wallMs / 1000);
/** The hard end, less the time that ending takes. */
const HARD_END = secs(48 * HOUR - 90_000);
const STARTED = new Map([['00-1', secs(0)]]);

const featuresOf = (
  state: FeaturesInput['state'],
  ms: number,
  more: Partial<FeaturesInput> = {},
): Record<string, string | number | undefined> => {
  const input = { preparation: READY, context: CONTEXT, startedSecs: STARTED, ...more };
  return Object.fromEntries(
    currentFeatures({ state, now: at(ms), ...input }).map(({ path, value }) => [path, value]),
  );
};

/** A VM with one pilot, an hour after its start. */
const worldAtWork = () => {
  const world = createWorld(CONTEXT);
  world.pass(HOUR);
  return world;
};

describe('the shutdown time', () => {
  test('is the hard end from the beginning on, and the pilot’s limits follow from it', () => {
    expect(featuresOf(worldAtWork().state(), HOUR)).toEqual({
      [`${MACHINE}/shutdowntime`]: HARD_END,
      [`${JOB}/job_id`]: '00-1',
      [`${JOB}/jobstart_secs`]: secs(0),
      [`${JOB}/shutdowntime_job`]: HARD_END,
      [`${JOB}/wall_limit_secs`]: HARD_END - secs(0),
      [`${JOB}/cpu_limit_secs`]: 4 * (HARD_END - secs(0)),
    });
  });

  test('comes nearer with a drain, and goes back when that is taken back', () => {
    const world = worldAtWork();
    world.tick({ orders: [order('drain', { deadlineMs: 2 * HOUR, receivedAt: at(HOUR) })] });
    const drained = featuresOf(world.state(), HOUR);
    expect(drained[`${MACHINE}/shutdowntime`]).toBe(secs(3 * HOUR));
    expect(drained[`${JOB}/wall_limit_secs`]).toBe((3 * HOUR) / 1000);
    world.tick({ orders: [order('undrain')] });
    expect(featuresOf(world.state(), HOUR)[`${MACHINE}/shutdowntime`]).toBe(HARD_END);
  });

  test('is never later than the hard end, whatever a drain’s deadline', () => {
    const world = worldAtWork();
    world.tick({ orders: [order('drain', { deadlineMs: 90 * HOUR, receivedAt: at(HOUR) })] });
    expect(featuresOf(world.state(), HOUR)[`${MACHINE}/shutdowntime`]).toBe(HARD_END);
  });

  test('is announced no later than grace_secs before it, except of a halt at once', () => {
    const drained = worldAtWork();
    drained.tick({ orders: [order('drain', { deadlineMs: 0, receivedAt: at(HOUR) })] });
    expect(featuresOf(drained.state(), HOUR)[`${MACHINE}/shutdowntime`]).toBe(secs(HOUR + 60_000));
    const halted = worldAtWork();
    halted.tick({ orders: [order('halt', { mode: 'graceful' })] });
    expect(featuresOf(halted.state(), HOUR)[`${MACHINE}/shutdowntime`]).toBe(secs(HOUR + 60_000));
    const now = worldAtWork();
    now.tick({ orders: [order('halt', { mode: 'now' })] });
    expect(featuresOf(now.state(), HOUR)[`${MACHINE}/shutdowntime`]).toBe(secs(HOUR));
  });

  test('stays where it was when the life time’s own drain begins', () => {
    const world = createWorld(CONTEXT);
    expect(world.pass(43 * HOUR).phase).toBe('draining');
    expect(featuresOf(world.state(), 43 * HOUR)[`${MACHINE}/shutdowntime`]).toBe(HARD_END);
  });

  test('of a VM that is held is the end of its hold', () => {
    const world = createWorld(CONTEXT);
    const preparation = { state: 'failed', reason: 'r' } as const;
    world.tick({ preparation });
    const features = featuresOf(world.state(), 0, { preparation });
    expect(features[`${MACHINE}/shutdowntime`]).toBe(secs(minutes(20)));
  });

  test('moves with the clock that pilots read: the time that is left is what holds', () => {
    const state = worldAtWork().state();
    const now = { ...at(HOUR), wallMs: at(HOUR).wallMs + 5 * HOUR };
    const [shutdown] = currentFeatures({
      state,
      preparation: READY,
      context: CONTEXT,
      startedSecs: STARTED,
      now,
    });
    expect(shutdown?.value).toBe(HARD_END + (5 * HOUR) / 1000);
  });

  test('is nothing to speak of before the context is known, unless the VM ends', () => {
    const preparation = { state: 'pending' } as const;
    const world = worldAtWork();
    expect(featuresOf(world.state(), HOUR, { preparation })).toEqual({});
    world.tick({ orders: [order('drain', { deadlineMs: HOUR, receivedAt: at(HOUR) })] });
    expect(featuresOf(world.state(), HOUR, { preparation })).toMatchObject({
      [`${MACHINE}/shutdowntime`]: secs(2 * HOUR),
    });
  });
});

describe('a slot', () => {
  test('without a pilot has nothing of one', () => {
    const world = worldAtWork();
    world.end({ result: 'success', code: 'exited', status: '0' });
    world.tick({ canPersist: false });
    const features = featuresOf(world.state(), HOUR);
    expect(features[`${MACHINE}/shutdowntime`]).toBe(HARD_END);
    expect(
      new Set(
        Object.entries(features).flatMap(([path, value]) => (path.startsWith(JOB) ? [value] : [])),
      ),
    ).toEqual(new Set([undefined]));
  });

  test('whose pilot began nobody knows when has no limit that would follow from it', () => {
    const features = featuresOf(worldAtWork().state(), HOUR, { startedSecs: new Map() });
    expect(features).toMatchObject({
      [`${JOB}/job_id`]: '00-1',
      [`${JOB}/shutdowntime_job`]: HARD_END,
      [`${JOB}/jobstart_secs`]: undefined,
      [`${JOB}/wall_limit_secs`]: undefined,
      [`${JOB}/cpu_limit_secs`]: undefined,
    });
  });
});

test.each([
  [100, 102, false],
  [100, 103, true],
  [103, 100, true],
  [undefined, 100, true],
  [100, undefined, true],
  [undefined, undefined, false],
  ['00-1', '00-2', true],
  ['00-1', '00-1', false],
])('%s after %s is news: %s', (next, told, expected) => {
  expect(isNews(told, next)).toBe(expected);
});

describe('the files', () => {
  const setUp = async () => {
    const files = createMemoryFiles();
    for (const folder of [MACHINE, JOB]) await files.makeDirectory(folder, { mode: 0o755 });
    const writes: string[] = [];
    const watched = {
      ...files,
      write: (path: string, ...rest: [string, { mode: number }]) => {
        writes.push(path);
        return files.write(path, ...rest);
      },
    };
    const createWriter = () =>
      createFeaturesWriter({ files: watched, log: createLog('silent', () => undefined) });
    const world = createWorld(CONTEXT);
    const read = async (path: string) => (await files.read(path, 100))?.trim();
    const tell = (writer: ReturnType<typeof createWriter>, ms: number) =>
      writer.tell({
        state: world.state(),
        preparation: READY,
        now: at(ms),
        context: CONTEXT,
      });
    return { files, writes, createWriter, world, read, tell };
  };

  test('are there before a pilot starts, and are not written again without news', async () => {
    const { writes, createWriter, world, read, tell } = await setUp();
    const writer = createWriter();
    world.tick();
    expect(world.state().slots['00']?.state).toBe('starting');
    await tell(writer, 0);
    expect(await read(`${JOB}/job_id`)).toBe('00-1');
    expect(await read(`${JOB}/jobstart_secs`)).toBe(String(secs(0)));
    const before = writes.length;
    world.pass(HOUR);
    await tell(writer, HOUR);
    expect(writes).toHaveLength(before);
    expect(await read(`${MACHINE}/shutdowntime`)).toBe(String(HARD_END));
  });

  test('of a pilot that ended are withdrawn', async () => {
    const { files, createWriter, world, tell } = await setUp();
    const writer = createWriter();
    world.tick();
    await tell(writer, 0);
    world.end({ result: 'success', code: 'exited', status: '0' });
    world.tick({ canPersist: false });
    await tell(writer, 1000);
    expect(await files.list(JOB)).toEqual([]);
    expect(await files.list(MACHINE)).toEqual(['shutdowntime']);
  });

  test('tell a restarted agent when its pilot began', async () => {
    const { createWriter, world, read, tell } = await setUp();
    world.tick();
    await tell(createWriter(), 0);
    world.pass(HOUR);
    world.tick({ orders: [order('halt', { mode: 'graceful', receivedAt: at(HOUR) })] });
    expect(world.state().slots['00']?.state).toBe('stopping');
    await tell(createWriter(), HOUR);
    expect(await read(`${JOB}/jobstart_secs`)).toBe(String(secs(0)));
    expect(await read(`${JOB}/wall_limit_secs`)).toBe(String((HOUR + 60_000) / 1000));
  });

  test('of another pilot are not taken for its own', async () => {
    const { files, createWriter, world, read, tell } = await setUp();
    await files.write(`${JOB}/job_id`, '00-7\n', { mode: 0o644 });
    await files.write(`${JOB}/jobstart_secs`, '5\n', { mode: 0o644 });
    world.pass(HOUR);
    await tell(createWriter(), HOUR);
    expect(await read(`${JOB}/jobstart_secs`)).toBe(String(secs(0)));
    expect(await read(`${JOB}/job_id`)).toBe('00-1');
  });

  test('that cannot be written stop nothing, and are tried again', async () => {
    const { files, world, createWriter, read, tell } = await setUp();
    world.tick();
    const writer = createWriter();
    await files.remove(JOB);
    await tell(writer, 0);
    await files.makeDirectory(JOB, { mode: 0o755 });
    await tell(writer, 0);
    expect(await read(`${JOB}/job_id`)).toBe('00-1');
  });
});

test('moments of another boot are compared by the wall clock', () => {
  const world = worldAtWork();
  world.tick({ orders: [order('drain', { deadlineMs: 2 * HOUR, receivedAt: at(HOUR) })] });
  const now = { ...later(T0, HOUR), bootId: 'b2', monotonicMs: 5 };
  const input = { state: world.state(), preparation: READY, context: CONTEXT };
  const [shutdown] = currentFeatures({ ...input, startedSecs: STARTED, now });
  expect(shutdown?.value).toBe(secs(3 * HOUR));
});
