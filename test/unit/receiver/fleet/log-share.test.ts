import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createFleetGauge, logShare } from '../../../../receiver/fleet/log-share.ts';

const PACE_MS = 60_000;

describe('the share of a VM', () => {
  it.each([
    [1, 3000, 65_536, 10_000],
    [300, 3000, 20_972, 15_000],
    [1000, 10_000, 20_972, 50_000],
    [6000, 60_000, 20_972, undefined],
    [60_000, 60_000, 2097, undefined],
    [600_000, 60_000, 1024, undefined],
  ])('of %i is %i ms and %i bytes, and it asks after %s', (vms, everyMs, bytes, askMs) => {
    expect(logShare(vms, PACE_MS)).toEqual({ everyMs, bytes, ...(askMs && { askMs }) });
  });

  it('keeps what all of them send within bounds, and never waits beyond the pace', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 60_000 }),
        fc.integer({ min: 1000, max: 600_000 }),
        (vms, pace) => {
          const { everyMs, bytes, askMs } = logShare(vms, pace);
          expect(everyMs).toBeLessThanOrEqual(pace);
          if (askMs !== undefined) {
            expect(askMs).toBeLessThan(pace);
            expect((vms * 1000) / askMs).toBeLessThanOrEqual(20);
          }
          const messagesPerS = (vms * 1000) / everyMs;
          expect(messagesPerS).toBeLessThanOrEqual(Math.max(101, (vms * 1000) / pace));
          if (bytes > 1024) expect(messagesPerS * bytes).toBeLessThanOrEqual(2.01 * 1024 * 1024);
        },
      ),
    );
  });
});

describe('the gauge of a fleet', () => {
  it('counts each VM once, and forgets those that are gone after two windows', () => {
    const gauge = createFleetGauge(1000);
    const all = (count: number, atMs: number) => {
      for (let vm = 0; vm < count; vm += 1) gauge.heard(`vm${vm}`, atMs);
    };
    expect(gauge.size()).toBe(0);
    all(5, 0);
    all(5, 500);
    expect(gauge.size()).toBe(5);
    all(2, 1000);
    expect(gauge.size()).toBe(5);
    all(2, 2000);
    expect(gauge.size()).toBe(2);
    all(3, 50_000);
    expect(gauge.size()).toBe(3);
  });
});
