import { describe, expect, test } from 'vitest';
import { PATHS } from '../../../../agent/paths.ts';
import { ENROLLED, HEARD, obliging, reply, setUp } from './uplink-bed.ts';

describe('the uplink', () => {
  test('tells of new lines between two heartbeats, and of each line once', async () => {
    const share = { everyMs: 3000, bytes: 4096 };
    const { clock, requests, create, stop, files } = await setUp(request =>
      reply(
        200,
        request.path === '/v1/enrol' ? ENROLLED : { ...HEARD, logs: share, receiverTime: 'now' },
      ),
    );
    await files.makeDirectory(PATHS.logs, { mode: 0o700 });
    const loop = create().run(stop.signal);
    await clock.advance(10_000);
    await files.write(`${PATHS.logs}/00-1.out`, 'one\n', { mode: 0o600 });
    await clock.advance(3000);
    await files.write(`${PATHS.logs}/00-1.out`, 'one\ntwo\n', { mode: 0o600 });
    await clock.advance(3000);
    await clock.advance(120_000);
    stop.abort();
    await loop;
    const told = requests.flatMap(({ path, body }) =>
      ((body.logs ?? []) as { text: string }[]).map(({ text }) => [path, text]),
    );
    expect(told).toEqual([
      ['/v1/logs', 'one\n'],
      ['/v1/logs', 'two\n'],
    ]);
  });

  test('obeys what an answer between two heartbeats brings, and asks for it without new lines', async () => {
    const share = { everyMs: 3000, bytes: 4096, askMs: 10_000 };
    const halt = { id: 'd-1', kind: 'halt', mode: 'now', reason: '', expiresInMs: 1000 };
    const { clock, requests, create, stop, obeyed } = await setUp(({ path }) =>
      reply(
        200,
        path === '/v1/logs'
          ? { logs: share, directives: [halt] }
          : { ...(path === '/v1/enrol' ? ENROLLED : HEARD), logs: share },
      ),
    );
    const loop = create().run(stop.signal);
    await clock.advance(15_000);
    stop.abort();
    await loop;
    expect(requests.at(-1)).toMatchObject({ path: '/v1/logs', body: { logs: [] } });
    expect(obeyed).toEqual([halt]);
  });

  test('keeps to heartbeats where the receiver is too old for more', async () => {
    const { clock, requests, create, stop, files } = await setUp(obliging);
    await files.makeDirectory(PATHS.logs, { mode: 0o700 });
    const loop = create().run(stop.signal);
    await clock.advance(10_000);
    await files.write(`${PATHS.logs}/00-1.out`, 'one\n', { mode: 0o600 });
    await clock.advance(60_000);
    stop.abort();
    await loop;
    expect(new Set(requests.map(({ path }) => path))).toEqual(
      new Set(['/v1/enrol', '/v1/heartbeat']),
    );
    expect(requests.at(-1)?.body.logs).toHaveLength(1);
  });
});
