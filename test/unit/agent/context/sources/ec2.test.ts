import { describe, expect, test } from 'vitest';
import { ec2 } from '../../../../../agent/context/sources/ec2.ts';
import { startLoopbackServer } from '../../../../support/loopback-server.ts';
import {
  createEc2Metadata,
  type Ec2MetadataSpec,
} from '../../../../support/metadata/ec2-metadata.ts';
import { dripping, failingFirst, hanging, oversize } from '../../../../support/metadata/faults.ts';
import { createSourcePorts } from '../../../../support/source-ports.ts';

const META_DATA = {
  'instance-id': 'i-0123456789abcdef0',
  'ami-id': 'ami-0123456789abcdef0',
  'instance-type': 'c7i.4xlarge',
  'placement/availability-zone': 'eu-west-1b',
  'placement/region': 'eu-west-1',
  'local-ipv4': '10.0.0.5',
  'public-ipv4': '192.0.2.7',
  'instance-life-cycle': 'spot',
};
const FACTS = {
  instanceId: 'i-0123456789abcdef0',
  imageId: 'ami-0123456789abcdef0',
  instanceType: 'c7i.4xlarge',
  zone: 'eu-west-1b',
  region: 'eu-west-1',
  localIp: '10.0.0.5',
  publicIp: '192.0.2.7',
  lifeCycle: 'spot',
};
const BYTES = Buffer.from([0x1f, 0x8b, 0, 255, 254, 10]);

const start = async (spec: Partial<Ec2MetadataSpec> = {}) => {
  const service = createEc2Metadata({ metaData: META_DATA, userData: BYTES, ...spec });
  const server = await startLoopbackServer(service.listener);
  const ports = createSourcePorts(server.origin);
  return { service, ports, fetch: () => ec2.fetch(ports, AbortSignal.timeout(9000)) };
};

describe('ec2', () => {
  test('tells its facts and gives user-data byte by byte, with one token', async () => {
    const { service, fetch } = await start();
    expect(await fetch()).toEqual({ facts: FACTS, userData: BYTES });
    expect(service.tokens()).toBe(1);
  });

  test.each([
    ['on-demand', 'normal'],
    ['scheduled', 'normal'],
    ['spot', 'spot'],
  ])('a life cycle of %s is %s', async (told, lifeCycle) => {
    const { fetch } = await start({ metaData: { 'instance-life-cycle': told } });
    expect((await fetch()).facts).toEqual({ lifeCycle });
  });

  test.each([
    [
      { 'tags/instance/aws:autoscaling:groupName': 'workers' },
      { group: 'workers', groupKind: 'auto-scaling-group' },
    ],
    [{ 'tags/instance/aws:ec2:fleet-id': 'fleet-1' }, { group: 'fleet-1', groupKind: 'ec2-fleet' }],
    [
      { 'tags/instance/aws:ec2spot:fleet-request-id': 'sfr-1' },
      { group: 'sfr-1', groupKind: 'spot-fleet' },
    ],
    [{ 'autoscaling/target-lifecycle-state': 'InService' }, { groupKind: 'auto-scaling-group' }],
  ])('%o tells what holds it', async (metaData, facts) => {
    const { fetch } = await start({ metaData });
    expect((await fetch()).facts).toEqual(facts);
  });

  test('404 for user-data is an answer: there is none', async () => {
    const service = createEc2Metadata({ metaData: META_DATA });
    const { origin } = await startLoopbackServer(service.listener);
    const result = await ec2.fetch(createSourcePorts(origin), AbortSignal.timeout(9000));
    expect(result).toEqual({ facts: FACTS });
  });

  test('a token that expires between two calls is renewed once', async () => {
    let nowMs = 0;
    const service = createEc2Metadata({
      metaData: META_DATA,
      userData: BYTES,
      // Half a life passes with each look at a token.
      nowMs: () => (nowMs += 7_200_000),
    });
    const { origin } = await startLoopbackServer(service.listener);
    const result = await ec2.fetch(createSourcePorts(origin), AbortSignal.timeout(9000));
    expect(result).toEqual({ facts: FACTS, userData: BYTES });
    expect(service.tokens()).toBeGreaterThan(1);
  });

  test('a service that takes no token at all is a refusal, and not asked for ever', async () => {
    const { origin } = await startLoopbackServer((request, response) => {
      if (request.method === 'PUT') response.end('token');
      else response.writeHead(401).end();
    });
    await expect(
      ec2.fetch(createSourcePorts(origin), AbortSignal.timeout(9000)),
    ).rejects.toMatchObject({ code: 'http-refused', context: { status: 401 } });
  });

  test('a token that is none never becomes a header', async () => {
    const { origin } = await startLoopbackServer((_, response) => response.end('a\nb'));
    await expect(
      ec2.fetch(createSourcePorts(origin), AbortSignal.timeout(9000)),
    ).rejects.toMatchObject({ code: 'reply-invalid' });
  });

  test('version 1 only when it is allowed', async () => {
    const { ports, fetch } = await start({ isVersion1: true });
    await expect(fetch()).rejects.toMatchObject({
      code: 'http-refused',
      message: expect.stringContaining('remedy: switch IMDSv2 on, or allow version 1'),
    });
    ports.options = { ...ports.options, allowImdsV1: true };
    expect(await fetch()).toEqual({ facts: FACTS, userData: BYTES });
  });

  test('version 2 is used even where version 1 is allowed', async () => {
    const { service, ports, fetch } = await start();
    ports.options = { ...ports.options, allowImdsV1: true };
    await fetch();
    expect(service.tokens()).toBe(1);
  });

  test('facts with line breaks or endless ones count as not told', async () => {
    const { fetch } = await start({
      metaData: { 'instance-id': 'i-1\nroot::0', 'instance-type': 'x'.repeat(256) },
    });
    expect((await fetch()).facts).toEqual({});
  });

  test('IPv6 is asked where IPv4 does not answer', async () => {
    const service = createEc2Metadata({ metaData: META_DATA, userData: BYTES });
    const { origin } = await startLoopbackServer(service.listener);
    const { options: _, ...ports } = createSourcePorts();
    const asked: string[] = [];
    const http: typeof ports.http = to => {
      asked.push(to);
      return ports.http(to.includes('[fd00:ec2::254]') ? origin : 'http://127.0.0.1:1');
    };
    const result = await ec2.fetch(
      { ...ports, http, options: { allowImdsV1: false } },
      AbortSignal.timeout(9000),
    );
    expect(result.facts).toEqual(FACTS);
    expect(asked).toEqual(['http://169.254.169.254', 'http://[fd00:ec2::254]']);
    expect(ports.clock.pauses).toEqual([]);
  });
});

describe('a service in trouble', () => {
  test.each([500, 503, 429])(
    '%i a few times, then good: asked again after a pause',
    async status => {
      const service = createEc2Metadata({ metaData: META_DATA, userData: BYTES });
      const { origin } = await startLoopbackServer(failingFirst(3, status, service.listener));
      const ports = createSourcePorts(origin);
      const result = await ec2.fetch(ports, AbortSignal.timeout(9000));
      expect(result).toEqual({ facts: FACTS, userData: BYTES });
      expect(ports.clock.pauses).toEqual([500, 1000, 2000]);
    },
  );

  test('500 for ever: it ends with patience', async () => {
    const { origin } = await startLoopbackServer(failingFirst(1e9, 500, hanging));
    const ports = createSourcePorts(origin);
    await expect(ec2.fetch(ports, AbortSignal.timeout(9000))).rejects.toMatchObject({
      code: 'http-failed',
      message: expect.stringContaining('answers 500'),
    });
    const total = ports.clock.pauses.reduce((sum, ms) => sum + ms, 0);
    expect(total).toBeLessThanOrEqual(ports.patience.totalMs);
    expect(ports.clock.pauses.length).toBeGreaterThan(3);
  });

  test.each([
    ['hangs', hanging],
    ['drips', dripping],
  ])('it %s: a time-out with the remedy for containers', async (_what, listener) => {
    const { origin } = await startLoopbackServer(listener);
    const ports = createSourcePorts(origin, 60);
    ports.patience.totalMs = 600;
    await expect(ec2.fetch(ports, AbortSignal.timeout(9000))).rejects.toMatchObject({
      code: 'http-timeout',
      message: expect.stringContaining('hop limit'),
    });
    expect(ports.clock.pauses).toEqual([500]);
  });

  test('nobody is there: no answer is not "no user-data"', async () => {
    await expect(ec2.fetch(createSourcePorts(), AbortSignal.timeout(9000))).rejects.toMatchObject({
      code: 'http-failed',
    });
  });

  test('an endless token', async () => {
    const { origin } = await startLoopbackServer(oversize(600 * 1024));
    await expect(
      ec2.fetch(createSourcePorts(origin), AbortSignal.timeout(9000)),
    ).rejects.toMatchObject({ code: 'reply-invalid' });
  });

  test('the signal ends it', async () => {
    const arrived = Promise.withResolvers<void>();
    const { origin } = await startLoopbackServer(() => arrived.resolve());
    const controller = new AbortController();
    const ports = createSourcePorts(origin);
    const failure = expect(ec2.fetch(ports, controller.signal)).rejects.toMatchObject({
      code: 'http-failed',
    });
    await arrived.promise;
    controller.abort();
    await failure;
    expect(ports.clock.pauses).toEqual([]);
  });
});
