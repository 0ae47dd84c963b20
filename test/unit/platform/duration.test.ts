import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { formatDuration, parseDuration } from '../../../platform/duration.ts';

const UNIT_MS = { d: 86_400_000, h: 3_600_000, m: 60_000, s: 1000, ms: 1 } as const;
const units = fc.constantFrom('d', 'h', 'm', 's', 'ms');

describe('parseDuration', () => {
  test.each([
    ['90s', 90_000],
    ['20m', 1_200_000],
    ['1h30m', 5_400_000],
    ['7d', 604_800_000],
    ['0.5s', 500],
    ['250ms', 250],
    ['0s', 0],
  ])('%s', (text, ms) => expect(parseDuration(text)).toBe(ms));

  test.each([
    '',
    ' ',
    '90',
    's',
    '-5s',
    '5 s',
    '5s ',
    '5S',
    '1e3s',
    '5s\n',
    '.5s',
    '5.s',
    '5sec',
    '٣s',
    `${'9'.repeat(400)}d`,
  ])('refuses %j', text => expect(parseDuration(text)).toBeUndefined());

  test('adds up whatever parts there are', () => {
    const part = fc.tuple(fc.nat(10_000), units);
    fc.assert(
      fc.property(fc.array(part, { minLength: 1, maxLength: 6 }), parts => {
        const text = parts.map(([amount, unit]) => `${amount}${unit}`).join('');
        const ms = parts.reduce((sum, [amount, unit]) => sum + amount * UNIT_MS[unit], 0);
        expect(parseDuration(text)).toBe(ms);
      }),
    );
  });

  test('never throws, and gives a finite time or nothing', () => {
    fc.assert(
      fc.property(fc.string(), text => {
        const ms = parseDuration(text);
        expect(ms === undefined || (Number.isFinite(ms) && ms >= 0)).toBe(true);
      }),
    );
  });
});

describe('formatDuration', () => {
  test.each([
    [0, '0ms'],
    [120, '120ms'],
    [999.6, '1s'],
    [42_000, '42s'],
    [5_400_000, '1h 30m'],
    [3_600_000, '1h'],
    [86_405_000, '1d 5s'],
    [90_061_000, '1d 1h'],
  ])('%d ms is %s', (ms, text) => expect(formatDuration(ms)).toBe(text));

  test('says at most two units, and loses no more than those below', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 10 ** 11 }), ms => {
        const parts = formatDuration(ms).split(' ');
        expect(parts.length).toBeLessThanOrEqual(2);
        const back = parseDuration(parts.join('')) ?? Number.NaN;
        const last = parts.at(-1)?.replace(/^\d+/, '') as keyof typeof UNIT_MS;
        expect(Math.abs(ms - back)).toBeLessThan(Math.max(501, UNIT_MS[last]));
      }),
    );
  });

  test('is exact where two units say it all', () => {
    fc.assert(
      fc.property(fc.nat(59), fc.integer({ min: 1, max: 23 }), (minutes, hours) => {
        const ms = hours * UNIT_MS.h + minutes * UNIT_MS.m;
        expect(parseDuration(formatDuration(ms).replace(' ', ''))).toBe(ms);
      }),
    );
  });
});
