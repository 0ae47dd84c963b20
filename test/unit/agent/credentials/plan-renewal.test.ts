import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { planRenewal, type RenewalInput } from '../../../../agent/credentials/plan-renewal.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const input = (over: Partial<RenewalInput> = {}): RenewalInput => ({
  nowMs: 0,
  obtainedMs: 0,
  endMs: HOUR,
  beforeMs: 10 * MINUTE,
  failures: 0,
  lastTryMs: 0,
  spread: 0,
  jitter: 1,
  ...over,
});

describe('a credential is renewed', () => {
  test.each<[string, Partial<RenewalInput>, number]>([
    ['at half of its life', {}, 30 * MINUTE],
    ['ahead of its end where half is too late', { beforeMs: 40 * MINUTE }, 20 * MINUTE],
    ['after a quarter at the soonest', { endMs: 8 * MINUTE }, 2 * MINUTE],
    ['a quarter sooner on another VM', { spread: 1 }, 22.5 * MINUTE],
    ['now and then, where it does not say its end', { endMs: undefined }, 30 * MINUTE],
    ['at once, where it has ended', { nowMs: 2 * HOUR }, 0],
    ['soon after a first failure', { failures: 1 }, 5000],
    ['later after more', { failures: 4, endMs: undefined }, 40_000],
    ['five minutes after many', { failures: 50, endMs: 10 * HOUR }, 5 * MINUTE],
    ['sooner, the less life is left', { failures: 50, endMs: 4 * MINUTE }, MINUTE],
    ['seldom again once it has ended', { nowMs: HOUR, lastTryMs: HOUR, failures: 50 }, 5 * MINUTE],
  ])('%s', (_what, over, wait) => {
    expect(planRenewal(input(over))).toBe(wait);
  });

  const share = fc.double({ min: 0, max: 1, noNaN: true });

  test('in time, and not without pause, whatever its life', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1000, max: 100 * HOUR }),
        fc.integer({ min: 0, max: HOUR }),
        share,
        (life, beforeMs, spread) => {
          const wait = planRenewal(input({ endMs: life, beforeMs, spread }));
          expect(wait).toBeGreaterThan(life / 8);
          expect(wait).toBeLessThanOrEqual(life / 2);
          if (beforeMs <= 0.75 * life) expect(life - wait).toBeGreaterThanOrEqual(beforeMs);
        },
      ),
    );
  });

  test('before it ends, through every outage of a third of its life', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 10 * MINUTE, max: 24 * HOUR }),
        fc.integer({ min: 0, max: 48 * HOUR }),
        share,
        share,
        (life, outageMs, spread, jitter) => {
          let now = 0;
          let obtainedMs = 0;
          let failures = 0;
          let lastTryMs = 0;
          for (let tries = 0; tries < 300 && now < 72 * HOUR; tries += 1) {
            const endMs = obtainedMs + life;
            const known = { obtainedMs, endMs, failures, lastTryMs, spread, jitter };
            now += planRenewal(input({ nowMs: now, ...known }));
            expect(now).toBeLessThan(endMs);
            lastTryMs = now;
            const isOut = now >= outageMs && now < outageMs + life / 3;
            failures = isOut ? failures + 1 : 0;
            if (!isOut) obtainedMs = now;
          }
        },
      ),
    );
  });
});
