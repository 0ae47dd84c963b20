import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { later } from '../../../../../agent/moment.ts';
import { noPayloads } from '../../../../../agent/monitor/policy/no-payloads.ts';
import { zeroLoad } from '../../../../../agent/monitor/policy/zero-load.ts';
import type { Readings } from '../../../../../agent/monitor/snapshot.ts';
import { FAILED, measured, NO_DATA, type Reading } from '../../../../../agent/reading.ts';
import { at, contextOf, createWorld, minutes, QUIET, T0 } from '../worlds.ts';
import { judgementOf } from './judging.ts';

const HOUR = minutes(60);
const STILL = {
  ...{ networkBytesPerS: measured(300), diskBytesPerS: measured(4000) },
  busyCores: measured(0.02),
};
const AT_REST: Readings = { ...QUIET, ...STILL };
/** Three processes in state D: on a mount that is dead, or on a disk that still gives. */
const HANGING: Readings = { ...AT_REST, load: measured(3), ioWaitCores: measured(0) };

describe('after its window a VM', () => {
  test.each<[string, Readings, 'halt' | 'none']>([
    ['at rest', AT_REST, 'halt'],
    ['of which nobody measures traffic', QUIET, 'halt'],
    [
      'that fetches a file, at next to no load',
      { ...AT_REST, networkBytesPerS: measured(2e6) },
      'none',
    ],
    ['that unpacks one', { ...AT_REST, diskBytesPerS: measured(5e7) }, 'none'],
    ['that reads from CVMFS', { ...AT_REST, cvmfsBytesPerS: measured(1e5) }, 'none'],
    ['of which the traffic cannot be read', { ...AT_REST, networkBytesPerS: FAILED }, 'none'],
    ['of which the disks were read just once', { ...AT_REST, diskBytesPerS: NO_DATA }, 'none'],
    ["of which CVMFS's counters cannot be read", { ...AT_REST, cvmfsBytesPerS: FAILED }, 'halt'],
    ['whose GPU works', { ...AT_REST, gpus: measured(1) }, 'none'],
    ['with a payload', { ...AT_REST, payloads: measured(1) }, 'none'],
    ['that waits in vain on a dead mount', HANGING, 'halt'],
    ['that waits in vain for a dead disk', { ...HANGING, ioWaitCores: measured(3) }, 'halt'],
    ['that waits for a slow disk', { ...HANGING, diskBytesPerS: measured(1e5) }, 'none'],
    ['that waits for CVMFS', { ...HANGING, cvmfsBytesPerS: measured(1e6) }, 'none'],
    ['that waits for the network', { ...HANGING, networkBytesPerS: measured(1e5) }, 'none'],
    ['with load by its pilots', { ...HANGING, cpuCores: measured(0.1) }, 'none'],
    ['with load by others than its pilots', { ...HANGING, busyCores: measured(1) }, 'none'],
    ['with load by nobody knows whom', { ...HANGING, busyCores: FAILED }, 'none'],
    ['with load by pilots that nobody could ask', { ...HANGING, cpuCores: FAILED }, 'none'],
    ['with load and traffic that failed', { ...HANGING, diskBytesPerS: FAILED }, 'none'],
    [
      'with load where traffic is not measured',
      { ...QUIET, load: measured(1), busyCores: measured(0) },
      'none',
    ],
    ['waiting in vain with a payload that says so', { ...HANGING, payloads: measured(1) }, 'none'],
  ])('%s', (_what, readings, action) => {
    const found = judgementOf(zeroLoad, {
      snapshot: { now: at(HOUR), readings },
      since: T0,
    });
    expect(found).toMatchObject({ action });
    if (action === 'none') expect(found.since).toBeUndefined();
  });
});

test('tells what load it takes for none', () => {
  const snapshot = { now: at(HOUR), readings: { ...HANGING, ioWaitCores: measured(1.5) } };
  expect(judgementOf(zeroLoad, { snapshot, since: T0 }).because).toBe(
    'load 3 waits in vain (I/O wait 1.5, no data moves) for 1h of 10m',
  );
});

test('whatever is read: what is missing never ends a VM, and one that does anything is never unused', () => {
  const reading = fc.oneof(
    fc.constant<Reading>(FAILED),
    fc.constant<Reading>(NO_DATA),
    fc.constantFrom(0, 0.05, 0.1, 4, 1e6).map(value => measured(value)),
  );
  const readings = fc.record({
    ...{ load: reading, cpuCores: reading, payloads: reading, gpus: reading },
    ...{ busyCores: reading, networkBytesPerS: reading, diskBytesPerS: reading },
    cvmfsBytesPerS: reading,
  });
  fc.assert(
    fc.property(readings, found => {
      const { action } = judgementOf(zeroLoad, {
        snapshot: { now: at(HOUR), readings: found },
        since: T0,
      });
      if (action === 'none') return;
      const { load, payloads, gpus, networkBytesPerS, diskBytesPerS, cvmfsBytesPerS } = found;
      for (const needed of [load, gpus, networkBytesPerS, diskBytesPerS])
        expect(needed.ok).toBe(true);
      expect(gpus.ok && gpus.value < 0.1).toBe(true);
      for (const bytes of [networkBytesPerS, diskBytesPerS, cvmfsBytesPerS])
        expect(bytes).not.toEqual(measured(1e6));
      expect(payloads.ok && payloads.value > 0).toBe(false);
    }),
    { numRuns: 2000 },
  );
});

describe('where the cloud bills by the hour', () => {
  const context = contextOf({
    policies: { billing: { period: '1h' }, zeroLoad: { window: '10m' }, noPayloads: false },
  });
  test('an unused VM is there until shortly before its hour is over', () => {
    const world = createWorld(context);
    expect(world.pass(minutes(54), { readings: AT_REST })).toMatchObject({ phase: 'running' });
    const { verdicts } = world.pass(50_000, { readings: AT_REST });
    expect(verdicts.find(({ policy }) => policy === 'zero-load')?.because).toBe(
      'load 0 below 0.1 for 54m 50s of 10m, but the time is paid for; it halts in 10s',
    );
    expect(world.pass(10_000, { readings: AT_REST }).phase).toBe('halting');
  });
  test('one that falls idle too late for this hour stays for the next', () => {
    const world = createWorld(context);
    world.pass(minutes(49));
    expect(world.pass(minutes(10), { readings: AT_REST }).phase).toBe('running');
    expect(world.pass(minutes(55), { readings: AT_REST }).phase).toBe('running');
    expect(world.pass(minutes(1), { readings: AT_REST }).phase).toBe('halting');
  });
  test('one that gets work meanwhile goes on', () => {
    const world = createWorld(context);
    world.pass(minutes(40), { readings: AT_REST });
    world.pass(minutes(12));
    expect(world.pass(minutes(8), { readings: AT_REST }).phase).toBe('running');
  });
  test('no halt begins that would last into a period that is not paid', () => {
    const end = fc.record({
      periodMs: fc.integer({ min: 1, max: 240 }).map(minutes),
      marginShare: fc.double({ min: 0, max: 0.99, noNaN: true }),
      ageMs: fc.integer({ min: HOUR, max: 100 * HOUR }),
    });
    fc.assert(
      fc.property(end, ({ periodMs, marginShare, ageMs }) => {
        const billing = {
          period: `${periodMs}ms`,
          margin: `${Math.floor(periodMs * marginShare)}ms`,
        };
        const told = contextOf({ policies: { billing } });
        const { action } = judgementOf(zeroLoad, {
          snapshot: { now: at(ageMs), readings: AT_REST },
          context: told,
          since: T0,
        });
        const neededMs = told.ending.killGrace + told.ending.farewell;
        const leftMs = periodMs - (ageMs % periodMs);
        const marginMs = Math.max(periodMs * marginShare, neededMs + 2 * told.monitor.tick);
        if (marginMs >= periodMs) expect(action).toBe('halt');
        else expect(action === 'halt').toBe(leftMs <= marginMs && leftMs >= neededMs);
      }),
    );
  });
});

describe('pilots that have no payload', () => {
  const idle = { ...AT_REST, payloads: measured(0) };
  const held = { snapshot: { now: at(HOUR), lookedAt: at(HOUR - 10_000) }, since: T0 };
  test.each<[string, Partial<Readings>, 'halt' | 'none', 'goes on' | 'stands' | 'is over']>([
    ['and nothing else', {}, 'halt', 'goes on'],
    ['but data moves', { networkBytesPerS: measured(2e6) }, 'none', 'is over'],
    ['and traffic that cannot be read', { diskBytesPerS: FAILED }, 'none', 'stands'],
    ['as they say, or one that could not be asked', { payloads: FAILED }, 'none', 'stands'],
    ['but load', { load: measured(4), cpuCores: measured(4) }, 'halt', 'goes on'],
  ])('%s: %j → %s, and its window %s', (_what, readings, action, window) => {
    const snapshot = { ...held.snapshot, readings: { ...idle, ...readings } };
    const found = judgementOf(noPayloads, { snapshot, since: held.since });
    expect(found.action).toBe(action);
    const since = { 'goes on': T0, stands: later(T0, 10_000), 'is over': undefined }[window];
    expect(found.since).toEqual(since);
  });
});
