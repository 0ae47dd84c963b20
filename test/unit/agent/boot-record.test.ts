import { describe, expect, test } from 'vitest';
import { type BootRecord, nextBoot, openBootRecord } from '../../../agent/boot-record.ts';
import { writeResolved } from '../../../agent/context/resolved.ts';
import { heedBoots } from '../../../agent/life/heed-boots.ts';
import type { Preparer } from '../../../agent/life/prepare.ts';
import { PATHS } from '../../../agent/paths.ts';
import type { PilotUnits } from '../../../agent/pilot/unit/unit.ts';
import { measured } from '../../../agent/reading.ts';
import { PilotageError } from '../../../platform/errors.ts';
import type { Files } from '../../../platform/files.ts';
import { createLog } from '../../../platform/log.ts';
import { createMemoryFiles } from '../../support/memory-files.ts';
import { contextOf } from './monitor/worlds.ts';

const RECORD: BootRecord = {
  schemaVersion: 1,
  instanceId: 'i-1',
  bootId: 'b1',
  cause: 'first',
  left: false,
  prepared: true,
  worked: true,
  lost: 0,
};
const log = createLog('silent', () => undefined);
/** Units of which one is at work, or has ended. */
const unitsOf = (isAtWork: boolean): PilotUnits => ({
  kind: 'fake',
  start: async () => undefined,
  members: async () => [],
  sight: async () => [
    isAtWork
      ? { slot: '00', generation: 1, state: 'running', cpuMs: measured(0) }
      : {
          ...{ slot: '00', generation: 1, state: 'ended' },
          exit: { result: 'success', code: 'exited', status: '0' },
        },
  ],
  signal: async () => undefined,
});

describe('a boot that finds', () => {
  test.each<[string, BootRecord | undefined, string, Partial<BootRecord>]>([
    ['no record is the first', undefined, 'b1', { cause: 'first', lost: 0 }],
    [
      'the record of another instance, as on a copied disk, is the first',
      { ...RECORD, instanceId: 'i-2' },
      'b2',
      { cause: 'first', instanceId: 'i-1', lost: 0 },
    ],
    [
      'its own record goes on with it',
      RECORD,
      'b1',
      { cause: 'first', prepared: true, worked: true },
    ],
    [
      'its own record of an agent that was told to end is watched again',
      { ...RECORD, cause: 'unasked', left: true },
      'b1',
      { cause: 'unasked', left: false },
    ],
    [
      'an agent that was told to end was asked for',
      { ...RECORD, left: true },
      'b2',
      { cause: 'asked', left: false, prepared: false },
    ],
    ['an agent at work was not', RECORD, 'b2', { cause: 'unasked', lost: 0, worked: false }],
    [
      'one that had been unasked itself, and was told to end, was asked for',
      { ...RECORD, cause: 'unasked', left: true },
      'b2',
      { cause: 'asked' },
    ],
    [
      'a VM that was not prepared counts as lost',
      { ...RECORD, prepared: false, lost: 1 },
      'b2',
      { cause: 'unasked', lost: 2 },
    ],
    [
      'one that was prepared once begins to count anew',
      { ...RECORD, prepared: true, lost: 1 },
      'b2',
      { cause: 'unasked', lost: 0 },
    ],
    [
      'one that was told to end before it was prepared is no loss',
      { ...RECORD, prepared: false, left: true, lost: 1 },
      'b2',
      { cause: 'asked', lost: 0 },
    ],
  ])('%s', (_, before, bootId, expected) => {
    expect(nextBoot(before, { instanceId: 'i-1', bootId })).toMatchObject({ bootId, ...expected });
  });
});

describe('the record of boots', () => {
  const boot = (files: Files, bootId: string) =>
    openBootRecord({ files, log }, { instanceId: 'i-1', bootId });

  test('knows a reboot in order from a crash', async () => {
    const files = createMemoryFiles();
    const first = await boot(files, 'b1');
    await first.prepared({ good: true });
    await first.left();
    const second = await boot(files, 'b2');
    const third = await boot(files, 'b3');
    expect([first.cause, second.cause, third.cause]).toEqual(['first', 'asked', 'unasked']);
  });

  test('is as it was for an agent that is started again in the same boot', async () => {
    const files = createMemoryFiles();
    await boot(files, 'b1');
    await boot(files, 'b2');
    expect((await boot(files, 'b2')).cause).toBe('unasked');
  });

  test('keeps its size, so that a full disk makes no reboot look unasked', async () => {
    const files = createMemoryFiles();
    const sizes = new Set<number | undefined>();
    const first = await boot(files, 'b1');
    sizes.add((await files.facts(PATHS.boots))?.sizeBytes);
    await first.left();
    sizes.add((await files.facts(PATHS.boots))?.sizeBytes);
    expect([...sizes]).toEqual([1024]);
  });

  test.each(['', '{', '{"schemaVersion":2}', 'x'.repeat(5000)])(
    'that cannot be understood says nothing: %#',
    async text => {
      const files = createMemoryFiles();
      await files.makeDirectory(PATHS.state, { mode: 0o700 });
      await files.write(PATHS.boots, text, { mode: 0o600 });
      expect((await boot(files, 'b2')).cause).toBe('first');
    },
  );

  test('that cannot be written stops nothing', async () => {
    const refuse = () => Promise.reject(new PilotageError('file-failed', 'read-only'));
    const files = { ...createMemoryFiles(), overwrite: refuse };
    const first = await boot(files, 'b1');
    await first.prepared({ good: true });
    await first.left();
    expect(first.cause).toBe('first');
  });
});

describe('a VM that goes down while it is contextualized', () => {
  const preparer: Preparer = {
    lifeline: async () => ({ version: 1, hold: 1, identity: {} }),
    context: async () => ({ state: 'done', context: contextOf(), slots: [] }),
    reload: async () => ({ state: 'done', context: contextOf(), slots: [] }),
  };

  test('is contextualized once more; then it is held, and tells why', async () => {
    const files = createMemoryFiles();
    const signal = new AbortController().signal;
    for (const bootId of ['b1', 'b2']) {
      const boots = await openBootRecord({ files, log }, { instanceId: 'i-1', bootId });
      // It goes down before the work is done.
      const hanging = { ...preparer, context: () => new Promise<never>(() => undefined) };
      void heedBoots(hanging, boots, { files, units: unitsOf(true), log }).context(60_000, signal);
    }
    const boots = await openBootRecord({ files, log }, { instanceId: 'i-1', bootId: 'b3' });
    const third = await heedBoots(preparer, boots, { files, units: unitsOf(true), log }).context(
      60_000,
      signal,
    );
    expect(third).toMatchObject({
      state: 'failed',
      reason: 'this VM went down 2 times in a row while it was being contextualized',
      context: { hold: 60_000 },
    });
  });

  test('and is prepared in the end counts no more', async () => {
    const files = createMemoryFiles();
    for (const bootId of ['b1', 'b2'])
      await openBootRecord({ files, log }, { instanceId: 'i-1', bootId });
    const boots = await openBootRecord({ files, log }, { instanceId: 'i-1', bootId: 'b2' });
    await heedBoots(preparer, boots, { files, units: unitsOf(true), log }).context(
      1,
      new AbortController().signal,
    );
    const next = await openBootRecord({ files, log }, { instanceId: 'i-1', bootId: 'b3' });
    expect([next.cause, next.lost]).toEqual(['unasked', 0]);
  });
});

describe('an agent that is started anew and cannot contextualize', () => {
  const failing: Preparer = {
    lifeline: async () => ({ version: 1, hold: 1, identity: {} }),
    context: async () => ({ state: 'failed', reason: 'the clock is wrong', context: contextOf() }),
    reload: () => Promise.reject(new Error('not asked for')),
  };
  const MACHINE = { cores: 2, physicalCores: 2, memoryMb: 2000 };

  test.each([
    ['goes on by what the one before it knew', 'b1', true, true, 'done'],
    ['is held where no pilot is at work', 'b1', true, false, 'failed'],
    ['is held where nothing was ever known', 'b1', false, true, 'failed'],
    ['is held in another boot, which has to be contextualized', 'b2', true, true, 'failed'],
  ])('%s', async (_, bootId, good, isAtWork, state) => {
    const files = createMemoryFiles();
    const begun = await openBootRecord({ files, log }, { instanceId: 'i-1', bootId: 'b1' });
    await begun.prepared({ good });
    await files.makeDirectory(PATHS.run, { mode: 0o755 });
    const merged = { version: 1, ending: { deadMan: '7m' } };
    await writeResolved(files, merged, MACHINE);
    const boots = await openBootRecord({ files, log }, { instanceId: 'i-1', bootId });
    const heeding = heedBoots(failing, boots, { files, units: unitsOf(isAtWork), log });
    const prepared = await heeding.context(1, new AbortController().signal);
    expect(prepared.state).toBe(state);
    if (state === 'done') expect(prepared.context.ending.deadMan).toBe(7 * 60_000);
  });

  test('is held where what was known cannot be read', async () => {
    const files = createMemoryFiles();
    const boots = await openBootRecord({ files, log }, { instanceId: 'i-1', bootId: 'b1' });
    await boots.prepared({ good: true });
    const heeding = heedBoots(failing, boots, { files, units: unitsOf(true), log });
    expect((await heeding.context(1, new AbortController().signal)).state).toBe('failed');
  });

  test('and one whose own first try failed is held, though it is started anew', async () => {
    const files = createMemoryFiles();
    const signal = new AbortController().signal;
    for (let start = 0; start < 2; start += 1) {
      const boots = await openBootRecord({ files, log }, { instanceId: 'i-1', bootId: 'b1' });
      const prepared = await heedBoots(failing, boots, {
        files,
        units: unitsOf(true),
        log,
      }).context(1, signal);
      expect(prepared.state).toBe('failed');
    }
  });
});
