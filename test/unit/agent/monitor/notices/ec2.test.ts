import { describe, expect, test } from 'vitest';
import { ec2Rebalance } from '../../../../../agent/monitor/notices/ec2-rebalance.ts';
import { ec2Spot } from '../../../../../agent/monitor/notices/ec2-spot.ts';
import {
  createEc2Metadata,
  type Ec2MetadataSpec,
} from '../../../../support/metadata/ec2-metadata.ts';
import { failingFirst, hanging, oversize } from '../../../../support/metadata/faults.ts';
import { isoDate, pollOf, vmOf } from './poll.ts';

const ACTION = 'spot/instance-action';
const REBALANCE = 'events/recommendations/rebalance';

const start = async (source = ec2Spot, spec: Partial<Ec2MetadataSpec> = {}) => {
  const service = createEc2Metadata({ metaData: { 'instance-id': 'i-1' }, ...spec });
  return { service, ...(await pollOf(source, service.listener)) };
};

test.each([
  ['ec2', 'spot', true],
  ['ec2', undefined, true],
  ['ec2', 'normal', false],
  ['openstack', undefined, false],
  [undefined, undefined, false],
] as const)('on %s with life cycle %s they are asked: %s', (cloud, lifeCycle, isAsked) => {
  for (const source of [ec2Spot, ec2Rebalance])
    expect(source.isFor(vmOf({ cloud, lifeCycle }))).toBe(isAsked);
});

test('both are looked at every 5 s, as AWS recommends', () => {
  for (const source of [ec2Spot, ec2Rebalance]) expect(source.everyMs(vmOf())).toBe(5000);
});

describe("EC2's interruption notice", () => {
  test('404 is no notice, and one token lasts for many looks', async () => {
    const { service, poller } = await start();
    for (let look = 0; look < 3; look += 1) expect(await poller.poll()).toEqual([]);
    expect(service.tokens()).toBe(1);
  });

  test.each(['terminate', 'stop'])('%s two minutes ahead', async action => {
    const { service, poller } = await start();
    const time = isoDate(120_000);
    service.put(ACTION, JSON.stringify({ action, time }));
    const [announced] = await poller.poll();
    expect(announced).toMatchObject({
      id: 'instance-action',
      kind: 'preempt',
      told: `${action} ${time}`,
      because: `EC2 will ${action} this spot instance at ${time}`,
    });
    // Both clocks tell whole seconds.
    expect(Math.abs((announced?.leftMs ?? 0) - 120_000)).toBeLessThanOrEqual(2000);
  });

  test('by a clock that is a day behind it is two minutes away at most', async () => {
    const { service, poller } = await start();
    service.put(ACTION, JSON.stringify({ action: 'terminate', time: isoDate(86_400_000) }));
    expect(await poller.poll()).toMatchObject([{ leftMs: 120_000 }]);
  });

  test('a hibernation begins at once', async () => {
    const { service, poller } = await start();
    service.put(ACTION, JSON.stringify({ action: 'hibernate', time: isoDate(120_000) }));
    expect(await poller.poll()).toMatchObject([{ kind: 'preempt', leftMs: 0 }]);
  });

  test('what is withdrawn is announced no longer', async () => {
    const { service, poller } = await start();
    service.put(ACTION, JSON.stringify({ action: 'stop', time: isoDate(120_000) }));
    expect(await poller.poll()).toHaveLength(1);
    service.put(ACTION, undefined);
    expect(await poller.poll()).toEqual([]);
  });

  test('a token that is refused is renewed', async () => {
    const { service, poller } = await start();
    await poller.poll();
    service.revokeTokens();
    service.put(ACTION, JSON.stringify({ action: 'stop', time: isoDate(60_000) }));
    expect(await poller.poll()).toHaveLength(1);
    expect(service.tokens()).toBe(2);
  });

  test('a connection that the service has closed meanwhile is no failure', async () => {
    const service = createEc2Metadata({ metaData: {} });
    const seen = new WeakSet<object>();
    let closed = 0;
    const { poller } = await pollOf(ec2Spot, (request, response) => {
      const isReused = seen.has(request.socket) && request.method === 'GET';
      seen.add(request.socket);
      if (isReused && closed === 0) {
        closed += 1;
        request.socket.destroy();
      } else service.listener(request, response);
    });
    for (let look = 0; look < 3; look += 1) expect(await poller.poll()).toEqual([]);
    expect(closed).toBe(1);
  });

  test.each([
    '',
    'terminate',
    '{}',
    '[]',
    '{"action":"terminate"}',
    '{"time":"2026-01-01T00:00:00Z"}',
    '{"action":"rm -rf /","time":"2026-01-01T00:00:00Z"}',
    '{"action":"terminate","time":"tomorrow"}',
    '{"action":"terminate","time":"2026-01-01 00:00:00"}',
    '{"action":"terminate","time":"2026-99-99T00:00:00Z"}',
    '{"action":"terminate","time":1767225600}',
    '<html>moved</html>',
  ])('%j is no answer', async text => {
    const { service, poller } = await start();
    service.put(ACTION, text);
    await expect(poller.poll()).rejects.toMatchObject({ code: 'reply-invalid' });
  });

  test.each([
    ['500', failingFirst(9, 500, hanging), 'http-refused'],
    ['redirects', failingFirst(9, 302, hanging), 'http-refused'],
    ['floods', oversize(100_000), 'reply-invalid'],
  ])('a service that answers %s fails, and withdraws nothing', async (_what, listener, code) => {
    const { poller } = await pollOf(ec2Spot, listener);
    await expect(poller.poll()).rejects.toMatchObject({ code });
  });

  test('version 1 only where it is allowed', async () => {
    const service = createEc2Metadata({ metaData: {}, isVersion1: true });
    const { poller } = await pollOf(ec2Spot, service.listener);
    await expect(poller.poll()).rejects.toMatchObject({ code: 'http-refused' });
    const old = await pollOf(ec2Spot, service.listener, { allowImdsV1: true });
    expect(await old.poller.poll()).toEqual([]);
  });

  test('an answer that never comes ends with the watch', async () => {
    const arrived = Promise.withResolvers<void>();
    const { poller, stop } = await pollOf(ec2Spot, () => arrived.resolve());
    const failure = expect(poller.poll()).rejects.toMatchObject({ code: 'http-failed' });
    await arrived.promise;
    stop.abort();
    await failure;
  });
});

describe("EC2's advice to rebalance", () => {
  test('has no deadline', async () => {
    const { service, poller } = await start(ec2Rebalance);
    expect(await poller.poll()).toEqual([]);
    service.put(REBALANCE, '{"noticeTime":"2026-10-27T08:22:00Z"}');
    expect(await poller.poll()).toEqual([
      {
        id: 'rebalance',
        kind: 'advice',
        told: '2026-10-27T08:22:00Z',
        because: 'EC2 recommends since 2026-10-27T08:22:00Z to move work off this spot instance',
      },
    ]);
  });

  test.each(['{}', '{"noticeTime":"now"}', 'x'])('%j is no answer', async text => {
    const { service, poller } = await start(ec2Rebalance);
    service.put(REBALANCE, text);
    await expect(poller.poll()).rejects.toMatchObject({ code: 'reply-invalid' });
  });
});
