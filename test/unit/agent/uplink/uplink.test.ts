import { describe, expect, test } from 'vitest';
import { paceMs, retryMs } from '../../../../agent/uplink/pace.ts';
import { PilotageError } from '../../../../platform/errors.ts';
import { ENROLLED, gone, HEARD, obliging, REPORT, reply, setUp } from './uplink-bed.ts';

describe('the uplink', () => {
  test('enrols once, then heartbeats at the pace of the receiver', async () => {
    const { clock, requests, create, stop } = await setUp(obliging);
    const loop = create().run(stop.signal);
    await clock.advance(180_000);
    stop.abort();
    await loop;
    expect(requests.map(({ path }) => path)).toEqual([
      '/v1/enrol',
      ...Array(4).fill('/v1/heartbeat'),
    ]);
    expect(requests.slice(1).map(({ body }) => body.sequence)).toEqual([1, 2, 3, 4]);
    expect(requests[1]?.authorization).toBe(`Bearer ${ENROLLED.token}`);
  });

  test('asks again with the same nonce when the answer was lost, even after a restart', async () => {
    let lost = 0;
    const { clock, requests, create, stop } = await setUp(request =>
      request.path === '/v1/enrol' && lost++ < 2 ? gone() : obliging(request),
    );
    const first = create().run(stop.signal);
    await clock.advance(1000);
    stop.abort();
    await first;
    const again = new AbortController();
    const second = create().run(again.signal);
    await clock.advance(10_000);
    again.abort();
    await second;
    const nonces = requests
      .filter(({ path }) => path === '/v1/enrol')
      .map(({ body }) => body.nonce);
    expect(nonces.length).toBe(3);
    expect(new Set(nonces).size).toBe(1);
  });

  test('is heard though the disk takes nothing, still with one nonce for all tries', async () => {
    let lost = 0;
    const { clock, requests, create, stop, files } = await setUp(request =>
      request.path === '/v1/enrol' && lost++ < 2 ? gone() : obliging(request),
    );
    files.write = async path => {
      throw new PilotageError('file-failed', `cannot write ${path}`, { path, errno: 'ENOSPC' });
    };
    const loop = create().run(stop.signal);
    await clock.advance(80_000);
    stop.abort();
    await loop;
    expect(requests.map(({ path }) => path)).toEqual([
      ...Array(3).fill('/v1/enrol'),
      ...Array(2).fill('/v1/heartbeat'),
    ]);
    expect(new Set(requests.slice(0, 3).map(({ body }) => body.nonce)).size).toBe(1);
  });

  test('keeps its credential and its count over a restart, but not on a copy of the disk', async () => {
    const { clock, requests, create } = await setUp(obliging);
    for (const instanceId of ['i-1', 'i-1', 'i-2']) {
      const stop = new AbortController();
      const loop = create(instanceId).run(stop.signal);
      await clock.advance(1000);
      stop.abort();
      await loop;
    }
    expect(requests.map(({ path, body }) => body.sequence ?? path)).toEqual([
      '/v1/enrol',
      1,
      2,
      '/v1/enrol',
      3,
    ]);
  });

  test('enrols anew, with a new nonce, when its credential is refused', async () => {
    let refused = false;
    const { clock, requests, create, stop } = await setUp(request => {
      if (request.path === '/v1/enrol' || refused) return obliging(request);
      refused = true;
      return reply(401, { error: { code: 'unauthorized', message: 'unknown token' } });
    });
    const loop = create().run(stop.signal);
    await clock.advance(10_000);
    stop.abort();
    await loop;
    const nonces = requests
      .filter(({ path }) => path === '/v1/enrol')
      .map(({ body }) => body.nonce);
    expect(new Set(nonces).size).toBe(2);
  });

  test('goes on trying while the receiver is away, and is heard when it is back', async () => {
    let away = true;
    const { clock, requests, create, stop } = await setUp(request =>
      away ? gone() : obliging(request),
    );
    const uplink = create();
    const loop = uplink.run(stop.signal);
    await clock.advance(600_000);
    expect(uplink.status()).toMatchObject({
      lastError: 'connection refused',
      acknowledgedHeartbeats: 0,
    });
    // First after 2 s, then ever more seldom, at last once a minute.
    expect(requests.length).toBeGreaterThan(10);
    expect(requests.length).toBeLessThan(20);
    away = false;
    await clock.advance(60_000);
    expect(uplink.status()).toMatchObject({ lastError: undefined });
    expect(uplink.status().acknowledgedHeartbeats).toBeGreaterThan(0);
    stop.abort();
    await loop;
  });

  test('hands on directives, and reports each acknowledgement until it was heard once', async () => {
    const halt = { id: 'd-1', kind: 'halt', expiresInMs: 1000 };
    const report = {
      ...REPORT,
      acknowledged: [{ id: 'd-0', outcome: 'done' as const, detail: '' }],
    };
    let answers = 0;
    const { clock, requests, obeyed, create, stop } = await setUp(
      request => {
        if (request.path === '/v1/enrol') return obliging(request);
        answers += 1;
        return answers === 1
          ? gone()
          : reply(200, {
              ...HEARD,
              directives: [halt, { id: 'd-2', kind: 'dance', expiresInMs: 5 }],
            });
      },
      () => report,
    );
    const loop = create().run(stop.signal);
    await clock.advance(70_000);
    stop.abort();
    await loop;
    const reported = requests
      .filter(({ path }) => path === '/v1/heartbeat')
      .map(({ body }) => (body.acknowledged as unknown[]).length);
    expect(reported).toEqual([1, 1, 0]);
    expect(obeyed.slice(0, 2)).toMatchObject([
      { id: 'd-1', kind: 'halt', mode: 'graceful' },
      { id: 'd-2', kind: 'dance' },
    ]);
  });

  test('an answer that is no answer is a failure like any other', async () => {
    const { clock, create, stop } = await setUp(request =>
      request.path === '/v1/enrol' ? obliging(request) : reply(200, { hello: 1 }),
    );
    const uplink = create();
    const loop = uplink.run(stop.signal);
    await clock.advance(1000);
    stop.abort();
    await loop;
    expect(uplink.status().lastError).toMatch(/does not follow the protocol/);
  });

  test('a nudge brings the next heartbeat forward', async () => {
    const { clock, requests, create, stop } = await setUp(obliging);
    const uplink = create();
    const loop = uplink.run(stop.signal);
    await clock.advance(1000);
    uplink.nudge();
    await clock.advance(1);
    expect(requests.filter(({ path }) => path === '/v1/heartbeat')).toHaveLength(2);
    stop.abort();
    await loop;
  });

  test('by order heartbeats are as far apart as it says, whatever happens meanwhile', async () => {
    const { clock, requests, create, stop } = await setUp(obliging);
    let ordered: number | undefined = 300_000;
    const uplink = create('i-1', () => ordered);
    const loop = uplink.run(stop.signal);
    const beats = () => requests.filter(({ path }) => path === '/v1/heartbeat').length;
    await clock.advance(0);
    for (let nth = 0; nth < 9; nth += 1) {
      uplink.nudge();
      await clock.advance(30_000);
    }
    expect(beats()).toBe(1);
    await clock.advance(30_000);
    expect(beats()).toBe(2);
    ordered = 5000;
    await clock.advance(300_000);
    await clock.advance(60_000);
    expect(beats()).toBe(2 + 1 + 12);
    ordered = undefined;
    await clock.advance(5000);
    const usual = beats();
    await clock.advance(120_000);
    expect(beats()).toBe(usual + 2);
    stop.abort();
    await loop;
  });

  test('says farewell as halted, and gives up when its time is over', async () => {
    let away = true;
    const { clock, requests, create } = await setUp(request => (away ? gone() : obliging(request)));
    const uplink = create();
    const unheard = uplink.farewell(30_000);
    await clock.advance(60_000);
    expect(await unheard).toBe(false);
    away = false;
    expect(await uplink.farewell(30_000)).toBe(true);
    expect(requests.at(-1)).toMatchObject({ path: '/v1/heartbeat', body: { state: 'halted' } });
  });
});

test('the pace is held within reason, and retries grow to a minute', () => {
  expect([0, 5000, 1e12].map(paceMs)).toEqual([500, 5000, 3_600_000]);
  expect([1, 2, 3, 100].map(failures => retryMs(failures, 1))).toEqual([2000, 4000, 8000, 60_000]);
  expect(retryMs(1, 0)).toBe(1000);
});
