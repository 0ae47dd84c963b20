import * as v from 'valibot';
import { expect, test } from 'vitest';
import { tellReadings } from '../../../../agent/monitor/told-readings.ts';
import { FAILED, measured, NO_DATA } from '../../../../agent/reading.ts';
import { LIMITS } from '../../../../protocol/limits.ts';
import { readingWords } from '../../../../protocol/reading-words.ts';
import { ReadingAges, ToldReadings } from '../../../../protocol/readings.ts';
import { QUIET } from './worlds.ts';

test('readings are told short, and what is none never as a number', () => {
  const told = tellReadings({
    ...QUIET,
    ...{ ioWaitCores: measured(0.123456), cvmfs: FAILED, squid: NO_DATA },
    agesMs: { cvmfs: 1234.5, squid: 0 },
  });
  expect(told).toEqual({
    ...QUIET,
    readings: { ioWaitCores: 0.1235, cvmfs: 'failed', squid: 'no-data' },
    readingAgesMs: { cvmfs: 1235, squid: 0 },
  });
  expect(v.is(ToldReadings, told.readings)).toBe(true);
  expect(v.is(ReadingAges, told.readingAgesMs)).toBe(true);
  expect(tellReadings(QUIET)).toEqual(QUIET);
});

test('a receiver keeps readings that it does not know, but not without bound', () => {
  const many = (count: number) =>
    Object.fromEntries(Array.from({ length: count }, (_, index) => [`r${index}`, index]));
  expect(v.is(ToldReadings, many(LIMITS.readings))).toBe(true);
  expect(v.is(ToldReadings, many(LIMITS.readings + 1))).toBe(false);
  expect(v.is(ToldReadings, { r: 'idle' })).toBe(false);
  expect(v.is(ToldReadings, { r: Number.NaN })).toBe(false);
});

test.each([
  ['ioWaitCores', 0.3123, 'I/O wait 0.312 cores'],
  ['networkBytesPerS', 999, 'network 999 B/s'],
  ['networkBytesPerS', 1_234_567, 'network 1.23 MB/s'],
  ['diskBytesPerS', 0, 'disk traffic 0 B/s'],
  ['diskFreeShare', 0.4567, 'disk free 45.7 %'],
  ['ioPressure', 12.29, 'I/O pressure 12.3 %'],
  ['cvmfs', 1, 'CVMFS answers yes'],
  ['squid', 0, 'a squid serves no'],
  ['cvmfsErrors', 3, 'new CVMFS I/O errors 3'],
  ['clockOffsetMs', -120.4, 'clock ahead by -120 ms'],
  ['clockOffsetMs', 'failed', 'clock ahead by failed'],
  ['ofAnotherVersion', 7, 'ofAnotherVersion 7'],
] as const)('%s %s is shown as %j', (name, told, shown) => {
  const { label, text } = readingWords(name, told);
  expect(`${label} ${text}`).toBe(shown);
});
