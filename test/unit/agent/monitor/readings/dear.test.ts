import { describe, expect, test } from 'vitest';
import { createReadDear, type DearReading } from '../../../../../agent/monitor/readings/dear.ts';
import { createSpaceReading } from '../../../../../agent/monitor/readings/space.ts';
import { createSquidReading, judgeSquids } from '../../../../../agent/monitor/readings/squids.ts';
import { FAILED, measured, NO_DATA } from '../../../../../agent/reading.ts';
import { PilotageError } from '../../../../../platform/errors.ts';
import type { Http } from '../../../../../platform/http.ts';
import { createLog } from '../../../../../platform/log.ts';
import { createManualClock } from '../../../../support/manual-clock.ts';
import { createMemoryFiles } from '../../../../support/memory-files.ts';
import { at, contextOf, minutes } from '../worlds.ts';

const log = createLog('silent', () => undefined);
const settled = () => new Promise(resolve => setImmediate(resolve));
const CVMFS = { cvmfs: { repositories: ['a.cern.ch'], proxies: 'http://a:3128;DIRECT' } };

/** Looks now and then; the last look counts. */
const lookerAt = (dear: readonly DearReading[], context = contextOf(CVMFS)) => {
  const clock = createManualClock();
  const read = createReadDear({ clock, log }, dear);
  return async (...ms: number[]) => {
    let found = {};
    for (const each of ms) {
      found = read(at(each), { context, slots: [] });
      await settled();
    }
    return found;
  };
};

describe('a dear reading', () => {
  const reading = (
    answer: () => Promise<object>,
    more: Partial<DearReading> = {},
  ): DearReading => ({
    ...{ what: 'it', names: ['cvmfs', 'cvmfsErrors'], everyMs: 60_000, timeoutMs: 5000 },
    question: () => answer,
    ...more,
  });
  const good = async () => ({ cvmfs: measured(1), cvmfsErrors: measured(3) });

  test('is no data before its first answer, then as old as its question', async () => {
    const look = lookerAt([reading(good)]);
    const ages = (ageMs: number) => ({ agesMs: { cvmfs: ageMs, cvmfsErrors: ageMs } });
    expect(await look(0)).toEqual({ cvmfs: NO_DATA, cvmfsErrors: NO_DATA, ...ages(0) });
    const told = { cvmfs: measured(1), cvmfsErrors: measured(3) };
    expect(await look(10_000)).toEqual({ ...told, ...ages(10_000) });
    expect(await look(59_000)).toEqual({ ...told, ...ages(59_000) });
  });

  test('that went wrong has failed, all of it that this VM has', async () => {
    let answer: () => Promise<object> = async () => ({ cvmfs: measured(1) });
    const look = lookerAt([reading(() => answer())]);
    await look(0);
    answer = () => Promise.reject(new PilotageError('command-failed', 'no'));
    expect(await look(60_000, 61_000)).toEqual({ cvmfs: FAILED, agesMs: { cvmfs: 1000 } });
  });

  test('that has become old is no data, with its age', async () => {
    // The turn of another that hangs never comes, so it is not asked again.
    let question: (() => Promise<object>) | undefined = good;
    const clock = createManualClock();
    const read = createReadDear({ clock, log }, [
      reading(() => question?.() ?? new Promise(() => undefined)),
    ]);
    const look = (ms: number) => read(at(ms), { context: contextOf(), slots: [] });
    look(0);
    await settled();
    question = undefined;
    expect(look(minutes(4))).toMatchObject({ cvmfs: measured(1) });
    expect(look(minutes(4) + 1)).toEqual({
      ...{ cvmfs: NO_DATA, cvmfsErrors: NO_DATA },
      agesMs: { cvmfs: minutes(4) + 1, cvmfsErrors: minutes(4) + 1 },
    });
  });

  test('is left out where this VM has no such thing', async () => {
    expect(await lookerAt([reading(good, { question: () => undefined })])(0, 1000)).toEqual({
      agesMs: {},
    });
  });

  test('is asked after another, never beside it', async () => {
    let asking = 0;
    let most = 0;
    const ends: (() => void)[] = [];
    const slow = () => {
      asking += 1;
      most = Math.max(most, asking);
      return new Promise<object>(resolve => {
        ends.push(() => {
          asking -= 1;
          resolve({});
        });
      });
    };
    const look = lookerAt([reading(slow), reading(slow), reading(slow)]);
    for (let ms = 0; ms < 30_000; ms += 1000) {
      await look(ms);
      ends.shift()?.();
      await settled();
    }
    expect(most).toBe(1);
    expect(asking).toBe(0);
  });
});

describe('room on the disks', () => {
  const spaceOf = async (shares: Record<string, { bytes: number; inodes?: number }>) => {
    const files = createMemoryFiles();
    for (const path of Object.keys(shares)) await files.makeDirectory(path, { mode: 0o755 });
    const asked: string[] = [];
    const freeShares = async (path: string) => {
      asked.push(path);
      return shares[path] ?? { bytes: 1 };
    };
    const found = await lookerAt([createSpaceReading({ files: { ...files, freeShares } })])(0, 0);
    return { found, asked };
  };

  test('is what is least of the root disk, scratch and the cache', async () => {
    const { found, asked } = await spaceOf({
      '/': { bytes: 0.9, inodes: 0.1 },
      '/scratch': { bytes: 0.02, inodes: 0.8 },
      '/var/lib/cvmfs': { bytes: 0.5 },
    });
    expect(found).toMatchObject({ diskFreeShare: measured(0.02), inodesFreeShare: measured(0.1) });
    expect(asked).toEqual(['/', '/scratch', '/var/lib/cvmfs']);
  });

  test('knows nothing of inodes where nobody counts them, nor of folders that are not there', async () => {
    const { found, asked } = await spaceOf({ '/': { bytes: 0.9 } });
    expect(found).toMatchObject({ diskFreeShare: measured(0.9) });
    expect(found).not.toHaveProperty('inodesFreeShare');
    expect(asked).toEqual(['/']);
  });
});

describe('squids', () => {
  test.each([
    ['one that serves is enough', ['silent', 'serves'] as const, measured(1)],
    ['none that answers is none', ['silent', 'denies'] as const, measured(0)],
    ['the server behind may be at fault', ['silent', 'astray'] as const, FAILED],
  ])('%s', (_what, states, reading) => {
    expect(judgeSquids(states)).toEqual(reading);
  });

  test('are asked as the check of the node asks them', async () => {
    const asked: string[] = [];
    const http: Http = origin => ({
      request: async ({ path }) => {
        asked.push(`${origin} ${path}`);
        return { status: 200, headers: {}, body: `C${'0'.repeat(40)}\n` };
      },
      close: async () => undefined,
    });
    const look = lookerAt([createSquidReading({ http })]);
    await look(0);
    await expect.poll(() => look(1000)).toMatchObject({ squid: measured(1) });
    expect(asked).toEqual([
      'http://a:3128 http://cvmfs-stratum-one.cern.ch/cvmfs/a.cern.ch/.cvmfspublished',
    ]);
  });

  test.each([
    ['a context without CVMFS', {}],
    ['one that goes without a squid', { cvmfs: { ...CVMFS.cvmfs, proxies: 'DIRECT' } }],
    ['one that goes without the check', { ...CVMFS, checks: { skip: ['squid'] } }],
  ])('of %s are not asked', async (_what, parts) => {
    const http: Http = () => {
      throw new Error('nobody is to be asked');
    };
    const look = lookerAt([createSquidReading({ http })], contextOf(parts));
    expect(await look(0, 1000)).toEqual({ agesMs: {} });
  });
});
