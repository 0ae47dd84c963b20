import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { writeLearnt } from '../../../../agent/learnt.ts';
import { createEndWatch } from '../../../../agent/life/watch-end.ts';
import { remainingMs } from '../../../../agent/moment.ts';
import type { Http } from '../../../../platform/http.ts';
import { createLog } from '../../../../platform/log.ts';
import { createManualClock } from '../../../support/manual-clock.ts';
import { createMemoryFiles } from '../../../support/memory-files.ts';
import { contextOf } from '../monitor/worlds.ts';

const MACHINE = { instanceId: 'i-1', bootId: 'b-1', hostname: 'h' };

const start = async (cloud?: string, lifeCycle: 'spot' | 'normal' = 'spot') => {
  const clock = createManualClock();
  const files = createMemoryFiles();
  await files.makeDirectory('/run/pilotage', { mode: 0o755 });
  if (cloud !== undefined) {
    const facts = { cloud, lifeCycle };
    await writeLearnt(files, { bootId: MACHINE.bootId, facts, isWhole: true });
  }
  const asked: string[] = [];
  const http: Http = () => ({
    request: async ({ path }) => {
      asked.push(path.replace(/\?.*/, ''));
      return path === '/latest/api/token'
        ? { status: 200, headers: {}, body: 'token' }
        : { status: 404, headers: {}, body: '' };
    },
    close: async () => undefined,
  });
  const stopping = new AbortController();
  let changes = 0;
  const ends = createEndWatch(
    { http, files, clock, log: createLog('silent', () => undefined) },
    {
      ...{ machine: MACHINE, metadata: { allowImdsV1: false } },
      systemStop: { stopping: stopping.signal, leftMs: most => most },
      changed: () => {
        changes += 1;
      },
    },
  );
  onTestFinished(async () => {
    const stopped = ends.stop();
    await clock.advance(1000);
    await stopped;
  });
  const takeUp = async (policies: object = {}): Promise<void> => {
    ends.takeUp({ state: 'done', context: contextOf({ policies }), slots: [] });
    await clock.advance(0);
    await vi.dynamicImportSettled();
    await clock.advance(0);
    await vi.dynamicImportSettled();
    await clock.advance(0);
  };
  return { clock, files, ends, stopping, takeUp, asked, changes: () => changes };
};

describe('the cloud that was detected', () => {
  test('is asked, once the context is known', async () => {
    const { takeUp, asked, ends } = await start('ec2');
    expect(ends.told()).toEqual({});
    await takeUp();
    await expect
      .poll(() => [...new Set(asked)].sort())
      .toEqual([
        '/latest/api/token',
        '/latest/meta-data/events/recommendations/rebalance',
        '/latest/meta-data/spot/instance-action',
      ]);
    await expect.poll(() => ends.told()).toEqual({ notices: [], noticeTroubles: [] });
  });

  test.each([
    ['none', undefined, 'spot', {}],
    ['one that announces nothing', 'openstack', 'spot', {}],
    ['an instance that is not spot', 'ec2', 'normal', {}],
    ['a policy that is switched off', 'ec2', 'spot', { preemption: false }],
  ] as const)('%s: nobody is asked', async (_what, cloud, lifeCycle, policies) => {
    const { takeUp, asked, ends, clock } = await start(cloud, lifeCycle);
    await takeUp(policies);
    await clock.advance(60_000);
    expect([asked, ends.told()]).toEqual([[], {}]);
  });

  test('is asked no longer once the context is another that does not want it', async () => {
    const { takeUp, asked, ends, clock } = await start('ec2');
    await takeUp();
    await expect.poll(() => asked.length).toBeGreaterThan(2);
    await takeUp({ preemption: false });
    await expect.poll(() => ends.told()).toEqual({});
    const before = asked.length;
    await clock.advance(60_000);
    expect(asked).toHaveLength(before);
  });
});

describe('the end of the system', () => {
  test('is told from then on, with the time that the context gives', async () => {
    const { ends, stopping, takeUp, clock, changes } = await start();
    await takeUp();
    expect(ends.boundMs(30_000)).toBe(30_000);
    stopping.abort();
    expect(changes()).toBe(1);
    const { systemStop } = ends.told();
    const now = { ...MACHINE, monotonicMs: clock.monotonicMs(), wallMs: clock.wallMs() };
    expect(systemStop && remainingMs(systemStop, now)).toBe(50_000);
    expect(ends.boundMs(600_000)).toBe(50_000);
  });
});
