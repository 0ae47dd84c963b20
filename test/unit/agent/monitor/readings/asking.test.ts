import { describe, expect, test } from 'vitest';
import { createAsking, type Turn } from '../../../../../agent/monitor/readings/asking.ts';
import { PilotageError } from '../../../../../platform/errors.ts';
import { createLog } from '../../../../../platform/log.ts';
import { createManualClock } from '../../../../support/manual-clock.ts';

const OPTIONS = { what: 'the tide', everyMs: 60_000, timeoutMs: 10_000 };

const setUp = (turn?: Turn, isLeft = () => false) => {
  const clock = createManualClock();
  const lines: string[] = [];
  const log = createLog('debug', line => void lines.push(line));
  const start = clock.monotonicMs();
  const create = () => createAsking<number>({ clock, log }, { ...OPTIONS, turn }, isLeft);
  /** Looks at a time, ms after the start, and lets what was begun go on. */
  const lookAt = async (
    asking: ReturnType<typeof create>,
    ms: number,
    ask: (signal: AbortSignal) => Promise<number>,
  ) => {
    await clock.advance(Math.max(0, start + ms - clock.monotonicMs()));
    const known = asking.look(clock.monotonicMs(), ask);
    await clock.advance(0);
    return known;
  };
  return { clock, lines, start, create, lookAt };
};
const never = () => new Promise<number>(() => undefined);

describe('what is asked once in a while', () => {
  test('is asked at its pace, and a look has the last answer with the time of its question', async () => {
    const { create, lookAt, start } = setUp();
    const asking = create();
    let asked = 0;
    const ask = async () => {
      asked += 1;
      return asked;
    };
    expect(await lookAt(asking, 0, ask)).toEqual({});
    expect(await lookAt(asking, 10_000, ask)).toEqual({ answer: { value: 1, atMs: start } });
    expect(await lookAt(asking, 59_999, ask)).toEqual({ answer: { value: 1, atMs: start } });
    await lookAt(asking, 60_000, ask);
    expect(await lookAt(asking, 60_001, ask)).toEqual({
      answer: { value: 2, atMs: start + 60_000 },
    });
    expect(asked).toBe(2);
  });

  test('that fails has failed until it succeeds, is told once, and keeps what was known', async () => {
    const { create, lookAt, start, lines } = setUp();
    const asking = create();
    const fail = () => Promise.reject(new PilotageError('command-failed', 'ebb'));
    await lookAt(asking, 0, async () => 7);
    await lookAt(asking, 60_000, fail);
    const known = { answer: { value: 7, atMs: start }, failedAtMs: start + 60_000 };
    expect(await lookAt(asking, 61_000, fail)).toEqual(known);
    await lookAt(asking, 120_000, fail);
    expect(lines).toHaveLength(1);
    expect(lines[0]).toContain('the tide could not be read');
    await lookAt(asking, 180_000, async () => 8);
    expect(await lookAt(asking, 181_000, fail)).toEqual({
      answer: { value: 8, atMs: start + 180_000 },
    });
    await lookAt(asking, 240_000, fail);
    expect(lines).toHaveLength(2);
  });

  test('is told to end in time, and what does not is left, has failed, and is never asked twice', async () => {
    const { create, lookAt, start } = setUp();
    const asking = create();
    let asked = 0;
    let told = false;
    let letGo: (value: number) => void = () => undefined;
    const hang = (signal: AbortSignal) => {
      asked += 1;
      signal.addEventListener('abort', () => {
        told = true;
      });
      return new Promise<number>(resolve => {
        letGo = resolve;
      });
    };
    await lookAt(asking, 0, hang);
    expect(await lookAt(asking, 9999, hang)).toEqual({});
    expect(told).toBe(false);
    await lookAt(asking, 10_001, hang);
    expect(told).toBe(true);
    expect(await lookAt(asking, 300_000, hang)).toEqual({ failedAtMs: start });
    expect(asked).toBe(1);
    // What it says so late is not believed, but it may be asked again.
    letGo(5);
    expect(await lookAt(asking, 300_001, hang)).toEqual({ failedAtMs: start });
    await lookAt(asking, 300_002, async () => 6);
    expect((await lookAt(asking, 300_003, hang)).failedAtMs).toBe(start);
    expect(asked).toBe(2);
  });

  test('by a program that outlives KILL is not asked again while that is there', async () => {
    let isLeft = true;
    const { create, lookAt } = setUp(undefined, () => isLeft);
    const asking = create();
    let asked = 0;
    const ask = () => {
      asked += 1;
      return Promise.reject(new PilotageError('command-timeout', 'it hangs', { pid: 4711 }));
    };
    for (const ms of [0, 60_000, 120_000]) await lookAt(asking, ms, ask);
    expect(asked).toBe(1);
    isLeft = false;
    await lookAt(asking, 180_000, ask);
    expect(asked).toBe(2);
  });

  test('waits for others of its turn, but not for one that hangs for ever', async () => {
    const turn: Turn = { isTaken: false };
    const { create, lookAt, start, clock } = setUp(turn);
    const [first, second] = [create(), create()];
    const known = () => second.look(clock.monotonicMs(), async () => 2);
    await lookAt(first, 0, never);
    await lookAt(second, 1, async () => 2);
    await clock.advance(1000);
    expect(known()).toEqual({});
    await clock.advance(15_000);
    known();
    await clock.advance(1);
    expect(known()).toMatchObject({ answer: { value: 2 } });
    expect(first.look(clock.monotonicMs(), never)).toEqual({ failedAtMs: start });
  });
});
