import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { planEndingTimes } from '../../../../agent/monitor/ending-times.ts';

const ENDING = { killGrace: 60_000, farewell: 30_000 };

describe('what is left of a VM', () => {
  test.each([
    [120_000, 30_000, 60_000, 30_000],
    [90_000, 0, 60_000, 30_000],
    [50_000, 0, 37_500, 12_500],
    [30_000, 0, 22_500, 7500],
    [0, 0, 0, 0],
    [-1000, 0, 0, 0],
  ])(
    '%i ms: %i for the payloads, %i from TERM to KILL, %i for the last words',
    (left, ...parts) => {
      const { drainMs, graceMs, farewellMs } = planEndingTimes(left, ENDING);
      expect([drainMs, graceMs, farewellMs]).toEqual(parts);
    },
  );

  test('is never exceeded, and no part of it is more than the context gives', () => {
    const ms = fc.integer({ min: 0, max: 100_000_000 });
    fc.assert(
      fc.property(ms, ms, ms, (left, killGrace, farewell) => {
        const { drainMs, graceMs, farewellMs } = planEndingTimes(left, { killGrace, farewell });
        expect(drainMs + graceMs + farewellMs).toBeLessThanOrEqual(left);
        expect(graceMs).toBeLessThanOrEqual(killGrace);
        expect(farewellMs).toBeLessThanOrEqual(farewell);
        for (const part of [drainMs, graceMs, farewellMs]) expect(part).toBeGreaterThanOrEqual(0);
      }),
    );
  });

  test('payloads may go on only where the whole end still fits behind them', () => {
    const ms = fc.integer({ min: 0, max: 1_000_000 });
    fc.assert(
      fc.property(ms, left => {
        const { drainMs, graceMs, farewellMs } = planEndingTimes(left, ENDING);
        if (drainMs > 0) expect([graceMs, farewellMs]).toEqual([60_000, 30_000]);
      }),
    );
  });
});
