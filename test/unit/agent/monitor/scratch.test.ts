import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { filesystemOf } from '../../../../agent/disks/user-quotas.ts';
import {
  isDue,
  isShort,
  type Measured,
  overrunsOf,
} from '../../../../agent/monitor/plan-scratch.ts';
import { createScratchBounds, parseUsage } from '../../../../agent/monitor/scratch-bounds.ts';
import { createClock } from '../../../../platform/clock.ts';
import { createExec } from '../../../../platform/exec.ts';
import { createFiles } from '../../../../platform/files.ts';
import { createLog } from '../../../../platform/log.ts';
import { runOf } from '../pilot/kinds/runs.ts';

const MB = 1024 * 1024;
const GB = 1024 * MB;
const at = (seconds: number) => ({ bootId: 'b', monotonicMs: seconds * 1000, wallMs: 0 });
const disk = (freeMb: number, totalMb = 100 * 1024) => ({
  freeBytes: freeMb * MB,
  totalBytes: totalMb * MB,
});
const measured = (usedMb: number, also: Partial<Measured> = {}): Measured => ({
  at: at(0),
  usedBytes: usedMb * MB,
  allBytes: 50 * GB,
  tookMs: 100,
  ...also,
});

const SLOW = measured(100, { tookMs: 30_000 });

describe('a slot’s scratch', () => {
  test.each<[string, Measured | undefined, number, number | undefined, number, boolean]>([
    ['is counted once at first', undefined, 50_000, 1000, 0, true],
    ['is not counted where nobody limits it', undefined, 50_000, undefined, 0, false],
    ['but is when space is short', undefined, 1000, undefined, 0, true],
    ['is not while nobody can have taken what is left', measured(100), 50_400, 1000, 20, false],
    ['is when somebody has', measured(100), 50_200, 1000, 20, true],
    ['is not at once again', measured(100), 40_000, 1000, 4, false],
    ['nor for ten times as long as it took', SLOW, 40_000, 1000, 299, false],
    ['is after that', SLOW, 40_000, 1000, 300, true],
    ['is soon, since others may have freed what it took', measured(100), 51_200, 1000, 30, true],
    ['is later where it costs more', SLOW, 51_200, 1000, 599, false],
    ['but after ten minutes', SLOW, 51_200, 1000, 600, true],
  ])('%s', (_what, last, freeMb, limitMb, seconds, due) => {
    const limit = limitMb === undefined ? undefined : limitMb * MB;
    expect(isDue(last, disk(freeMb), limit, at(seconds))).toBe(due);
  });

  test.each<[string, Record<string, number>, number, number | undefined, Record<string, string>]>([
    ['within its limit', { '00': 1000 }, 50_000, 1000, {}],
    [
      'over it',
      { '00': 1001, '01': 5 },
      50_000,
      1000,
      { '00': '1001 MB of scratch, where it may have 1000 MB' },
    ],
    ['without a limit', { '00': 90_000 }, 5000, undefined, {}],
    [
      'the most of a full disk',
      { '00': 90_000, '01': 5000 },
      500,
      undefined,
      { '00': '90000 MB of scratch, of which 500 MB are left' },
    ],
    ['little of a disk that others filled', { '00': 20, '01': 10 }, 500, undefined, {}],
  ])('that is %s', (_what, slots, freeMb, limitMb, expected) => {
    const found = new Map(Object.entries(slots).map(([slot, usedMb]) => [slot, measured(usedMb)]));
    const limit = limitMb === undefined ? undefined : limitMb * MB;
    expect(Object.fromEntries(overrunsOf(found, disk(freeMb), limit))).toEqual(expected);
  });

  test('is short of space below a fiftieth, or 64 MB, but never as long as a tenth is free', () => {
    expect(isShort(disk(2047))).toBe(true);
    expect(isShort(disk(2049))).toBe(false);
    expect(isShort(disk(63, 1000))).toBe(true);
    expect(isShort(disk(65, 1000))).toBe(false);
    expect(isShort(disk(11, 100))).toBe(false);
  });
});

describe('the filesystem of a folder', () => {
  const MOUNTINFO = [
    '22 1 254:1 / / rw,relatime shared:1 - ext4 /dev/vda1 rw,usrquota',
    '40 22 254:16 / /scratch rw,noatime shared:20 - ext4 /dev/vdb rw,quota,usrquota',
    '41 22 254:32 / /data rw - xfs /dev/vdc rw,attr2,usrquota',
    '42 22 254:48 / /plain rw master:3 - xfs /dev/vdd rw,attr2,noquota',
    '43 40 0:50 / /scratch/btrfs rw - btrfs /dev/vde rw,usrquota',
  ].join('\n');

  test.each([
    ['/scratch/plt00', { mount: '/scratch', type: 'ext4', hasQuotas: true }],
    ['/scratchy', { mount: '/', type: 'ext4', hasQuotas: true }],
    ['/data', { mount: '/data', type: 'xfs', hasQuotas: true }],
    ['/plain/x', { mount: '/plain', type: 'xfs', hasQuotas: false }],
    ['/scratch/btrfs/x', { mount: '/scratch/btrfs', type: 'btrfs', hasQuotas: false }],
  ])('%s is %j', (path, expected) => {
    expect(filesystemOf(path, MOUNTINFO)).toEqual(expected);
  });

  test('that nobody can tell is none', () => {
    expect(filesystemOf('/scratch', '')).toBeUndefined();
  });
});

describe('with real folders', () => {
  const roots: string[] = [];
  afterEach(() => {
    for (const root of roots.splice(0)) rmSync(root, { recursive: true });
  });
  const setUp = (isHeld: boolean) => {
    const root = mkdtempSync(join(tmpdir(), 'pilotage-scratch-'));
    roots.push(root);
    for (const name of ['plt00', 'plt00.tmp/tmp', 'plt01'])
      mkdirSync(join(root, 'scratch', name), { recursive: true });
    const fill = (name: string, mb: number) =>
      writeFileSync(join(root, 'scratch', name), Buffer.alloc(mb * MB, 'x'));
    const told: string[] = [];
    const log = createLog('debug', line => void told.push(line));
    const limits: unknown[] = [];
    const quotas = {
      limit: async (...words: unknown[]) => {
        limits.push(words);
        return isHeld;
      },
    };
    const bounds = createScratchBounds(
      { files: createFiles(root, false), exec: createExec(), clock: createClock(), log },
      quotas,
    );
    const run = runOf(
      'command',
      { command: ['/bin/true'], slots: 'per-core' },
      { features: { scratchMbPerSlot: 8 } },
    );
    const slots = ['00', '01'].map(name => ({ ...run.slot, name, user: `plt${name}` }));
    const settle = async (expected: number) => {
      await vi.waitFor(async () =>
        expect((await bounds.look(slots, run.context, at(0))).size).toBe(expected),
      );
      return bounds.look(slots, run.context, at(0));
    };
    return { root, fill, bounds, run, slots, settle, limits, told };
  };

  test('who has more than its limit, in its /tmp too, is told of; its neighbour is not', async () => {
    const { fill, settle, bounds } = setUp(false);
    fill('plt00/half', 5);
    fill('plt00.tmp/tmp/half', 5);
    fill('plt01/some', 5);
    expect([...(await settle(1)).keys()]).toEqual(['00']);
    expect(bounds.by).toBe('watch');
  });

  test('a new run finds an empty /tmp, and an empty home where the old one was full', async () => {
    const { root, fill, run, bounds, told, limits } = setUp(true);
    fill('plt00/kept', 5);
    fill('plt00.tmp/tmp/left', 1);
    await bounds.prepare(run);
    expect(readdirSync(join(root, 'scratch')).sort()).toEqual(
      expect.not.arrayContaining(['plt00.tmp']),
    );
    expect(readdirSync(join(root, 'scratch/plt00'))).toEqual(['kept']);
    fill('plt00/more', 3);
    await bounds.prepare(run);
    expect(readdirSync(join(root, 'scratch/plt00'))).toEqual([]);
    expect(told.join()).toContain('emptied');
    expect(bounds.by).toBe('quota');
    expect(limits[0]).toEqual(['/scratch/plt00', ['plt00'], 8]);
    await vi.waitFor(() => expect(readdirSync(join(root, 'scratch/.discarded'))).toEqual([]));
  });

  test('what du prints is understood', () => {
    const root = mkdtempSync(join(tmpdir(), 'pilotage-du-'));
    roots.push(root);
    writeFileSync(join(root, 'a'), Buffer.alloc(3 * MB, 'x'));
    const printed = execFileSync('du', ['-sk', '--', root, root], { encoding: 'utf8' });
    expect(parseUsage(printed)).toBeGreaterThan(2.9 * MB);
    expect(parseUsage('')).toBe(0);
    expect(parseUsage('4\t/a\n8\t/b c\n')).toBe(12 * 1024);
  });
});
