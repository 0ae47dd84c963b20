import { describe, expect, onTestFinished, test } from 'vitest';
import { elapsedMs, remainingMs } from '../../../../../agent/moment.ts';
import type {
  Announcement,
  NoticeSource,
  Poller,
} from '../../../../../agent/monitor/notices/source.ts';
import { createNoticeWatch } from '../../../../../agent/monitor/notices/watch.ts';
import { PilotageError } from '../../../../../platform/errors.ts';
import { createLog } from '../../../../../platform/log.ts';
import { createManualClock } from '../../../../support/manual-clock.ts';
import { createMemoryFiles } from '../../../../support/memory-files.ts';
import { settingsOf, vmOf } from './poll.ts';

const EVERY_MS = 5000;
const TIMEOUT_MS = 4000;

const PREEMPT: Announcement = {
  id: 'a',
  kind: 'preempt',
  leftMs: 120_000,
  told: 'terminate 12:00',
  because: 'the cloud wants it back',
};
const ADVICE: Announcement = { id: 'b', kind: 'advice', told: 'x', because: 'better go' };
const REFUSED = new PilotageError('http-refused', 'it answers 500');

type Say = () => Promise<readonly Announcement[]>;

/** A source that says what the test wants. */
const createSource = (name: string) => {
  let say: Say = async () => [];
  const heard = { polls: 0, acknowledged: 0, closed: 0 };
  let acknowledge: Poller['acknowledge'];
  const source: NoticeSource = {
    name,
    isFor: () => true,
    everyMs: () => EVERY_MS,
    timeoutMs: TIMEOUT_MS,
    create: () => ({
      poll: () => {
        heard.polls += 1;
        return say();
      },
      acknowledge: async () => {
        heard.acknowledged += 1;
        await acknowledge?.();
      },
      close: async () => {
        heard.closed += 1;
      },
    }),
  };
  return {
    source,
    heard,
    says: (...announced: Announcement[]) => {
      say = async () => announced;
    },
    fails: (error: unknown = REFUSED) => {
      say = () => Promise.reject(error);
    },
    hangs: () => {
      say = () => new Promise(() => undefined);
    },
    acknowledges: (work: Poller['acknowledge']) => {
      acknowledge = work;
    },
  };
};

const start = async (settings: object = {}) => {
  const clock = createManualClock();
  const one = createSource('one');
  const two = createSource('two');
  let changes = 0;
  const now = () => ({ bootId: 'b', monotonicMs: clock.monotonicMs(), wallMs: clock.wallMs() });
  const watch = createNoticeWatch(
    {
      ...{ clock, now, files: createMemoryFiles(), log: createLog('silent', () => undefined) },
      http: () => {
        throw new Error('nobody is asked here');
      },
      options: { allowImdsV1: false },
    },
    vmOf({ settings: settingsOf(settings) }),
    () => {
      changes += 1;
    },
    [one.source, two.source],
  );
  onTestFinished(async () => {
    const stopped = watch.stop();
    await clock.advance(1000);
    await stopped;
  });
  await clock.advance(0);
  return { clock, one, two, watch, now, changes: () => changes };
};

describe('what is announced', () => {
  test('is heard at the next look, with its source and the moment of its end', async () => {
    const { clock, one, two, watch, now, changes } = await start();
    expect(watch.notices()).toEqual([]);
    one.says(PREEMPT);
    two.says(ADVICE);
    await clock.advance(EVERY_MS);
    const [preempt, advice] = watch.notices();
    expect(preempt).toMatchObject({ id: 'a', source: 'one', kind: 'preempt' });
    expect(preempt?.deadline && remainingMs(preempt.deadline, now())).toBe(120_000);
    expect(advice).toEqual({ id: 'b', source: 'two', kind: 'advice', because: 'better go' });
    expect(changes()).toBe(2);
  });

  test('keeps its end while the same is said, whatever the clock is set to', async () => {
    const { clock, one, watch, now, changes } = await start();
    one.says(PREEMPT);
    await clock.advance(EVERY_MS);
    const at = now();
    clock.stepWall(86_400_000);
    await clock.advance(10 * EVERY_MS);
    const deadline = watch.notices()[0]?.deadline;
    expect(deadline && remainingMs(deadline, now())).toBe(120_000 - elapsedMs(at, now()));
    expect(changes()).toBe(1);
  });

  test('moves when another time is said', async () => {
    const { clock, one, watch, now } = await start();
    one.says(PREEMPT);
    await clock.advance(EVERY_MS);
    one.says({ ...PREEMPT, leftMs: 30_000, told: 'terminate 11:00' });
    await clock.advance(EVERY_MS);
    const deadline = watch.notices()[0]?.deadline;
    expect(deadline && remainingMs(deadline, now())).toBe(30_000);
  });

  test('is gone when it is withdrawn', async () => {
    const { clock, one, watch, changes } = await start();
    one.says(PREEMPT);
    await clock.advance(EVERY_MS);
    one.says();
    await clock.advance(EVERY_MS);
    expect(watch.notices()).toEqual([]);
    expect(changes()).toBe(2);
  });

  test('that should have ended already is due, and not overdue', async () => {
    const { clock, one, watch, now } = await start();
    one.says({ ...PREEMPT, leftMs: -5000 });
    await clock.advance(EVERY_MS);
    const deadline = watch.notices()[0]?.deadline;
    expect(deadline && remainingMs(deadline, now())).toBe(0);
  });

  test('is bounded in number and length, and one line', async () => {
    const { clock, one, watch } = await start();
    const many = Array.from({ length: 1000 }, (_, id) => ({ ...PREEMPT, id: String(id) }));
    one.says(...many.map(each => ({ ...each, because: `a\n${'b'.repeat(9999)}` })));
    await clock.advance(EVERY_MS);
    expect(watch.notices()).toHaveLength(16);
    expect(watch.notices()[0]?.because).toMatch(/^a b{298}$/);
  });
});

describe('a source that fails', () => {
  test('before its first answer is told, since nobody knows', async () => {
    const { watch, clock, one } = await start();
    expect(watch.troubles()).toEqual([]);
    one.fails();
    await clock.advance(EVERY_MS);
    expect(watch.troubles()).toEqual(['one: it answers 500']);
  });

  test('withdraws nothing, is told, and stops no other', async () => {
    const { clock, one, two, watch } = await start();
    one.says(PREEMPT);
    await clock.advance(EVERY_MS);
    one.fails();
    two.says(ADVICE);
    await clock.advance(EVERY_MS);
    expect(watch.notices().map(({ id }) => id)).toEqual(['a', 'b']);
    expect(watch.troubles()).toEqual(['one: it answers 500']);
    one.says(PREEMPT);
    await clock.advance(4 * EVERY_MS);
    expect(watch.troubles()).toEqual([]);
  });

  test('is asked as often as before: what it has to say may be urgent', async () => {
    const { clock, one } = await start();
    one.fails();
    await clock.advance(60_000);
    const before = one.heard.polls;
    await clock.advance(150_000);
    expect(one.heard.polls - before).toBe(30);
  });

  test('and hangs is given up in time, and joined by no second look', async () => {
    const { clock, one, watch } = await start();
    one.hangs();
    await clock.advance(EVERY_MS + TIMEOUT_MS);
    expect(watch.troubles()).toEqual(['one: one did not answer within 4000 ms']);
    const { polls } = one.heard;
    await clock.advance(600_000);
    expect(one.heard.polls).toBe(polls);
  });

  test('by a mistake of ours is asked no more, and stops no other', async () => {
    const { clock, one, two, watch } = await start();
    one.fails(new TypeError('a bug'));
    await clock.advance(EVERY_MS);
    two.says(PREEMPT);
    await clock.advance(EVERY_MS);
    expect(watch.troubles()).toEqual(['one is not asked any more: a bug']);
    expect(watch.notices()).toHaveLength(1);
  });
});

describe('a cloud that waits for us', () => {
  test.each([
    [{}, [0, 1]],
    [{ acknowledge: 'when-ended' }, [0, 1]],
    [{ acknowledge: 'never' }, [0, 0]],
  ])('by %j is told %j times, before and after the pilots have ended', async (settings, times) => {
    const { clock, one, watch } = await start(settings);
    one.says(PREEMPT);
    await clock.advance(2 * EVERY_MS);
    const before = one.heard.acknowledged;
    await watch.ended();
    expect([before, one.heard.acknowledged]).toEqual(times);
  });

  test('is told as soon as it is heard where the context says so', async () => {
    const { clock, one, watch } = await start({ acknowledge: 'at-once' });
    const before = one.heard.acknowledged;
    one.says(PREEMPT);
    await clock.advance(EVERY_MS);
    expect(one.heard.acknowledged).toBe(before + 1);
    await watch.ended();
    expect(one.heard.acknowledged).toBe(before + 1);
  });

  test.each<[string, Poller['acknowledge']]>([
    ['refuses', () => Promise.reject(REFUSED)],
    ['hangs', () => new Promise(() => undefined)],
  ])('and %s holds nothing up', async (_what, work) => {
    const { clock, one, two, watch } = await start();
    one.acknowledges(work);
    let isOver = false;
    void watch.ended().then(() => {
      isOver = true;
    });
    await clock.advance(3000);
    expect(isOver).toBe(true);
    expect(two.heard.acknowledged).toBe(1);
  });
});

test('stopped, it asks nobody and leaves nothing open', async () => {
  const { clock, one, watch } = await start();
  one.hangs();
  await clock.advance(EVERY_MS);
  const stopping = watch.stop();
  await clock.advance(1000);
  await stopping;
  const { polls, closed } = one.heard;
  expect(closed).toBe(1);
  await clock.advance(600_000);
  expect(one.heard.polls).toBe(polls);
});
