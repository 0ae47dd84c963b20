import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { createClock } from '../../../platform/clock.ts';

const clock = createClock();

describe('time', () => {
  test('monotonic time counts from the boot and never goes back', () => {
    const uptimeMs = Number(readFileSync('/proc/uptime', 'utf8').split(' ')[0]) * 1000;
    const times = Array.from({ length: 100 }, () => clock.monotonicMs());
    expect(times).toEqual(times.toSorted((a, b) => a - b));
    // It stands still while the machine is suspended, and uptime does not.
    expect(times[0]).toBeLessThan(uptimeMs + 1000);
  });

  test('wall time is epoch ms', () => {
    expect(Math.abs(clock.wallMs() - Date.now())).toBeLessThan(1000);
  });
});

describe('sleep', () => {
  test('lasts at least as long as asked', async () => {
    const before = clock.monotonicMs();
    await clock.sleep(20);
    expect(clock.monotonicMs() - before).toBeGreaterThan(18);
  });

  test('ends early, without an error, by the signal', async () => {
    const controller = new AbortController();
    const sleep = clock.sleep(3_600_000, controller.signal);
    controller.abort();
    expect(await sleep).toBeUndefined();
    expect(await clock.sleep(3_600_000, AbortSignal.abort())).toBeUndefined();
  });

  test('ends by time though there is a signal', async () => {
    expect(await clock.sleep(1, new AbortController().signal)).toBeUndefined();
  });
});
