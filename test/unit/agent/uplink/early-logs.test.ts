import { describe, expect, test } from 'vitest';
import { createEarlyLogs } from '../../../../agent/uplink/early-logs.ts';
import type { LogPiece, LogShare } from '../../../../protocol/heartbeat.ts';
import { createManualClock } from '../../../support/manual-clock.ts';

/** Early logs of a VM whose log grows when the test says so. */
const setUp = (answer: (nth: number) => LogShare | undefined, asks = true) => {
  const clock = createManualClock();
  let grown = false;
  const sent: { atMs: number; bytes: number }[] = [];
  let asked = 0;
  const logTails = {
    collect: async (maxBytes: number): Promise<LogPiece[]> => {
      asked = maxBytes;
      return grown ? [{ source: '00-1.out', fromByte: 0, text: 'x' }] : [];
    },
    acknowledge: () => undefined,
  };
  const beginMs = clock.monotonicMs();
  const early = createEarlyLogs({ clock, logTails, asks: () => asks }, async () => {
    sent.push({ atMs: clock.monotonicMs() - beginMs, bytes: asked });
    grown = false;
    return answer(sent.length);
  });
  const stop = new AbortController();
  const loop = early.run(stop.signal);
  const end = async () => {
    stop.abort();
    await loop;
  };
  const grow = () => {
    grown = true;
  };
  return { clock, early, sent, end, grow };
};

describe('early logs', () => {
  test('are sent within the interval that the receiver allows, and only if there is something new', async () => {
    const { clock, early, sent, end, grow } = setUp(() => ({ everyMs: 3000, bytes: 2048 }));
    early.allow({ everyMs: 3000, bytes: 4096 }, 60_000);
    await clock.advance(60_000);
    expect(sent).toEqual([]);
    grow();
    await clock.advance(3000);
    grow();
    await clock.advance(60_000);
    expect(sent).toHaveLength(2);
    expect(sent[0]?.atMs).toBeLessThanOrEqual(63_000);
    expect(sent.map(({ bytes }) => bytes)).toEqual([4096, 2048]);
    await end();
  });

  test('ask nothing without new lines on a VM that nobody may look at', async () => {
    const share = { everyMs: 3000, bytes: 4096, askMs: 10_000 };
    const { clock, early, sent, end } = setUp(() => share, false);
    early.allow(share, 60_000);
    await clock.advance(60_000);
    expect(sent).toEqual([]);
    await end();
  });

  test('ask without new lines as often as the receiver says, and an older one never', async () => {
    const { clock, early, sent, end, grow } = setUp(() => ({
      ...{ everyMs: 3000, bytes: 4096, askMs: 10_000 },
    }));
    early.allow({ everyMs: 3000, bytes: 4096, askMs: 10_000 }, 60_000);
    await clock.advance(60_000);
    expect(sent).toHaveLength(5);
    grow();
    await clock.advance(3000);
    expect(sent).toHaveLength(6);
    early.allow({ everyMs: 3000, bytes: 4096 }, 60_000);
    await clock.advance(60_000);
    expect(sent).toHaveLength(6);
    await end();
  });

  test('are never sent where they would be no sooner than the heartbeat, or by nobody wanted', async () => {
    for (const share of [undefined, { everyMs: 60_000, bytes: 2048 }]) {
      const { clock, early, sent, end, grow } = setUp(() => undefined);
      early.allow(share, 60_000);
      grow();
      await clock.advance(600_000);
      expect(sent).toEqual([]);
      await end();
    }
  });

  test('wait for the next heartbeat after a failure, and are no quicker than once a second', async () => {
    const { clock, early, sent, end, grow } = setUp(nth =>
      nth === 1 ? undefined : { everyMs: 0, bytes: 100 },
    );
    early.allow({ everyMs: 0, bytes: 1e9 }, 60_000);
    grow();
    await clock.advance(6000);
    expect(sent).toHaveLength(1);
    expect(sent[0]?.bytes).toBe(32 * 1024);
    grow();
    await clock.advance(600_000);
    expect(sent).toHaveLength(1);
    early.allow({ everyMs: 0, bytes: 100 }, 60_000);
    await clock.advance(6000);
    const times: number[] = [];
    for (let nth = 0; nth < 5; nth += 1) {
      grow();
      await clock.advance(2000);
      times.push(sent.at(-1)?.atMs ?? 0);
    }
    for (const [index, time] of times.entries())
      if (index > 0) expect(time - (times[index - 1] ?? 0)).toBeGreaterThanOrEqual(1000);
    await end();
  });
});
