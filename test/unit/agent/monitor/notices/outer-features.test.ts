import { describe, expect, test } from 'vitest';
import { outerFeatures } from '../../../../../agent/monitor/notices/outer-features.ts';
import { createLightHttp } from '../../../../../platform/light-http.ts';
import { startLoopbackServer } from '../../../../support/loopback-server.ts';
import { createManualClock } from '../../../../support/manual-clock.ts';
import { createMemoryFiles } from '../../../../support/memory-files.ts';
import { settingsOf, vmOf } from './poll.ts';

const MACHINE = '/etc/machinefeatures';
const JOB = '/etc/jobfeatures';

const start = async (places: { machineFeatures?: string; jobFeatures?: string }) => {
  const files = createMemoryFiles();
  for (const folder of [MACHINE, JOB]) await files.makeDirectory(folder, { mode: 0o755 });
  const clock = createManualClock();
  const poller = outerFeatures.create(
    { http: createLightHttp, files, clock, options: { allowImdsV1: false } },
    vmOf({ settings: settingsOf(places) }),
    new AbortController().signal,
  );
  const put = (path: string, text: string): Promise<void> =>
    files.write(path, text, { mode: 0o644 });
  return { files, clock, poller, put };
};

test('they are looked at where the context names them, whatever the cloud', () => {
  expect(outerFeatures.isFor(vmOf({ cloud: 'ec2' }))).toBe(false);
  const settings = settingsOf({ jobFeatures: JOB });
  expect(outerFeatures.isFor(vmOf({ settings }))).toBe(true);
});

describe('shutdown times in folders', () => {
  test('of the machine and of the job, each with its own time', async () => {
    const { clock, poller, put } = await start({ machineFeatures: MACHINE, jobFeatures: JOB });
    expect(await poller.poll()).toEqual([]);
    const nowSecs = clock.wallMs() / 1000;
    await put(`${MACHINE}/shutdowntime`, `${nowSecs + 7200}\n`);
    await put(`${JOB}/shutdowntime_job`, `${nowSecs + 600}`);
    expect(await poller.poll()).toEqual([
      {
        id: 'shutdowntime',
        kind: 'preempt',
        leftMs: 7_200_000,
        told: String(nowSecs + 7200),
        because: `${MACHINE} says that this machine ends at 2026-01-01T02:00:00Z`,
      },
      {
        id: 'shutdowntime_job',
        kind: 'preempt',
        leftMs: 600_000,
        told: String(nowSecs + 600),
        because: `${JOB} says that this machine ends at 2026-01-01T00:10:00Z`,
      },
    ]);
  });

  test('a key that goes is withdrawn', async () => {
    const { files, poller, put } = await start({ machineFeatures: MACHINE });
    await put(`${MACHINE}/shutdowntime`, '1767225600');
    expect(await poller.poll()).toHaveLength(1);
    await files.remove(`${MACHINE}/shutdowntime`);
    expect(await poller.poll()).toEqual([]);
  });

  test.each(['', 'never', '-1', '1e9', '1767225600.5', '1767225600\n1767225601', '9'.repeat(12)])(
    '%j is no time',
    async text => {
      const { poller, put } = await start({ machineFeatures: MACHINE });
      await put(`${MACHINE}/shutdowntime`, text);
      await expect(poller.poll()).rejects.toMatchObject({
        code: 'reply-invalid',
        message: expect.stringContaining(`${MACHINE}/shutdowntime`),
      });
    },
  );
});

describe('shutdown times at an address', () => {
  const serve = async (answer: (path: string) => [number, string]) => {
    const server = await startLoopbackServer(({ url = '' }, response) => {
      const [status, body] = answer(url);
      response.writeHead(status).end(body);
    });
    return start({ machineFeatures: `${server.origin}/machinefeatures/` });
  };

  test('by the clock of the server', async () => {
    const secs = Math.floor(Date.now() / 1000) + 600;
    const { poller } = await serve(path =>
      path === '/machinefeatures/shutdowntime' ? [200, `${secs}\n`] : [404, ''],
    );
    const [announced] = await poller.poll();
    // Its own clock stands years away.
    expect(Math.abs((announced?.leftMs ?? 0) - 600_000)).toBeLessThanOrEqual(2000);
  });

  test('404: there is none', async () => {
    const { poller } = await serve(() => [404, 'no such key']);
    expect(await poller.poll()).toEqual([]);
  });

  test.each([403, 500, 301])('%i: nobody knows', async status => {
    const { poller } = await serve(() => [status, '']);
    await expect(poller.poll()).rejects.toMatchObject({ code: 'http-refused' });
  });
});
