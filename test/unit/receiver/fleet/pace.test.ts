import fc from 'fast-check';
import { expect, it } from 'vitest';
import { nextHeartbeatMs } from '../../../../receiver/fleet/pace.ts';

it.each([
  [0, 54_000],
  [0.5, 60_000],
  [0.999999, 66_000],
])('spreads a pace of one minute by a tenth: %d → %i ms', (random, expected) => {
  expect(nextHeartbeatMs(60_000, random)).toBe(expected);
});

it('stays within a tenth of any pace, in whole ms', () => {
  const random = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });
  fc.assert(
    fc.property(fc.integer({ min: 1000, max: 3_600_000 }), random, (paceMs, given) => {
      const ms = nextHeartbeatMs(paceMs, given);
      expect(Number.isInteger(ms)).toBe(true);
      expect(Math.abs(ms - paceMs)).toBeLessThanOrEqual(paceMs * 0.1 + 1);
    }),
  );
});
