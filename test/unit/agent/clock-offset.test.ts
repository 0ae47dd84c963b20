import { expect, test } from 'vitest';
import { clockOffsetOf, readClockOffset } from '../../../agent/clock-offset.ts';
import { FAILED, measured, NO_DATA } from '../../../agent/reading.ts';

const RECEIVER_TIME = '2026-01-01T00:00:00.000Z';
const RECEIVER_MS = Date.parse(RECEIVER_TIME);
const offsetOf = (text: string, aheadMs: number, tookMs: number) =>
  clockOffsetOf(
    text,
    { monotonicMs: 1000 },
    { monotonicMs: 1000 + tookMs, wallMs: RECEIVER_MS + aheadMs + tookMs / 2 },
  );

test.each([
  ['a clock that is right', 0, 300],
  ['one that is ahead', 86_400_000, 0],
  ['one that is behind', -2000, 15_000],
])('%s is known from the middle of question and answer', (_what, aheadMs, tookMs) => {
  const told = offsetOf(RECEIVER_TIME, aheadMs, tookMs);
  expect(readClockOffset(told, 1000 + tookMs)).toEqual({ reading: measured(aheadMs), ageMs: 0 });
});

test('grows old, and counts as none after an hour', () => {
  const told = offsetOf(RECEIVER_TIME, 5, 0);
  const hour = 3_600_000;
  expect(readClockOffset(told, 1000 + hour)).toEqual({ reading: measured(5), ageMs: hour });
  expect(readClockOffset(told, 1001 + hour).reading).toEqual(NO_DATA);
});

test('a time that is not understood has failed', () => {
  expect(readClockOffset(offsetOf('yesterday', 0, 0), 1000).reading).toEqual(FAILED);
});
