import { describe, expect, test } from 'vitest';
import {
  createDeadMan,
  type Sign,
  signLine,
  tickBoundMs,
} from '../../../../agent/life/dead-man.ts';
import { later } from '../../../../agent/moment.ts';
import { PATHS } from '../../../../agent/paths.ts';
import { PilotageError } from '../../../../platform/errors.ts';
import { createLog } from '../../../../platform/log.ts';
import { createManualClock } from '../../../support/manual-clock.ts';
import { createMemoryFiles } from '../../../support/memory-files.ts';
import { contextOf } from '../monitor/worlds.ts';

const NOW = { bootId: 'b1', monotonicMs: 60_400, wallMs: Date.UTC(2026, 0, 1) };
const SIGN: Sign = { boundMs: 900_000, stepMs: 180_000, latest: undefined, next: 'stop' };

describe('what the watch is told', () => {
  test.each<[string, Partial<Sign>]>([
    ['61 900 180 - stop', {}],
    ['61 900 180 3661 stop', { latest: later(NOW, 3_600_000) }],
    ['61 900 180 0 stop', { latest: later(NOW, -3_600_000) }],
    ['61 900 180 - force', { next: 'force' }],
    ['61 2 1 - stop', { boundMs: 1001, stepMs: 1 }],
    ['61 900 180 999999999 stop', { latest: later(NOW, Number.MAX_SAFE_INTEGER) }],
    // Begun in another boot: by the wall clock alone, as seconds of this boot.
    ['61 900 180 121 stop', { latest: { ...later(NOW, 60_000), bootId: 'b0', monotonicMs: 5 } }],
  ])('%s', (line, more) => {
    expect(signLine({ ...SIGN, ...more }, NOW)).toBe(line);
  });

  test('is the context’s bound, but no less than some ticks', () => {
    expect(tickBoundMs(contextOf())).toBe(15 * 60_000);
    const slow = contextOf({ ending: { deadMan: '1m' }, monitor: { tick: '5m' } });
    expect(tickBoundMs(slow)).toBe(15 * 60_000);
  });
});

test('a sign is a file of one size, overwritten in place', async () => {
  const files = createMemoryFiles();
  await files.makeDirectory(PATHS.run, { mode: 0o755 });
  const clock = createManualClock();
  const deadMan = createDeadMan({ files, clock, log: createLog('silent', () => undefined) }, 'b1');
  await deadMan.sign(SIGN);
  await clock.advance(10_000);
  clock.stepWall(-86_400_000);
  await deadMan.sign({ ...SIGN, latest: later(NOW, 10_000) });
  const text = await files.read(PATHS.progress, 1000);
  expect(text).toHaveLength(64);
  expect(text?.trimEnd()).toBe('70 900 180 71 stop');
});

test('a watch that cannot be told is told of once, and spoils no tick', async () => {
  const lines: string[] = [];
  const files = {
    ...createMemoryFiles(),
    overwrite: () => Promise.reject(new PilotageError('file-failed', 'no room')),
  };
  const log = createLog('error', line => lines.push(line));
  const deadMan = createDeadMan({ files, clock: createManualClock(), log }, 'b1');
  await deadMan.sign(SIGN);
  await deadMan.sign(SIGN);
  expect(lines).toHaveLength(1);
  expect(lines[0]).toContain('no room');
});
