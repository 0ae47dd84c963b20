import { describe, expect, test } from 'vitest';
import { createAzureMetadata } from '../../support/metadata/azure-metadata.ts';
import { createEc2Metadata } from '../../support/metadata/ec2-metadata.ts';
import { createGceMetadata } from '../../support/metadata/gce-metadata.ts';
import { createOpenStackMetadata } from '../../support/metadata/openstack-metadata.ts';
import { ask } from './ask.ts';

describe('the mock of EC2', () => {
  const TTL = 'x-aws-ec2-metadata-token-ttl-seconds';
  const TOKEN = 'x-aws-ec2-metadata-token';
  const create = (nowMs = () => 0) =>
    createEc2Metadata({
      metaData: {
        'instance-id': 'i-1',
        'placement/availability-zone': 'z',
        'placement/region': 'r',
      },
      userData: 'hello',
      dynamic: { 'instance-identity/document': '{}' },
      nowMs,
    });
  const tokenOf = async ({ listener }: ReturnType<typeof create>, life = '60') =>
    (await ask(listener, '/latest/api/token', { [TTL]: life }, 'PUT')).body;

  test.each<[number, Record<string, string>, string]>([
    [200, { [TTL]: '21600' }, 'PUT'],
    [200, { [TTL]: '1' }, 'PUT'],
    [400, {}, 'PUT'],
    [400, { [TTL]: '0' }, 'PUT'],
    [400, { [TTL]: '21601' }, 'PUT'],
    [400, { [TTL]: 'ever' }, 'PUT'],
    [403, { [TTL]: '60', 'x-forwarded-for': '10.0.0.1' }, 'PUT'],
    [405, { [TTL]: '60' }, 'GET'],
    [405, { [TTL]: '60' }, 'POST'],
  ])('answers %i to a call for a token with %j by %s', async (status, headers, method) => {
    const service = create();
    const reply = await ask(service.listener, '/latest/api/token', headers, method);
    expect(reply.status).toBe(status);
    expect(service.tokens()).toBe(status === 200 ? 1 : 0);
  });

  test.each([
    ['/latest/meta-data/instance-id', 200, 'i-1'],
    ['/latest/user-data', 200, 'hello'],
    ['/latest/dynamic/instance-identity/document', 200, '{}'],
    ['/latest/meta-data/public-ipv4', 404, 'Not Found'],
    ['/2009-04-04/meta-data/instance-id', 200, 'i-1'],
    ['/1999-01-01/meta-data/instance-id', 404, 'Not Found'],
    ['/latest/meta-data/', 200, 'instance-id\nplacement/'],
    ['/latest/meta-data', 200, 'instance-id\nplacement/'],
    ['/latest/meta-data/placement/', 200, 'availability-zone\nregion'],
    ['/latest/meta-data/placement', 200, 'availability-zone\nregion'],
    ['/latest/meta-data/placement/region', 200, 'r'],
    ['/latest/meta-data/place', 404, 'Not Found'],
    ['/latest/meta-data/instance-id/', 404, 'Not Found'],
    ['/latest/user-data/', 200, 'hello'],
    ['/latest/user-data/x', 404, 'Not Found'],
    ['/latest/dynamic/instance-identity', 200, 'document'],
    ['/latest/nothing', 404, 'Not Found'],
    ['/latest/', 200, 'dynamic\nmeta-data\nuser-data'],
    ['/latest', 200, 'dynamic\nmeta-data\nuser-data'],
    ['/', 200, '1.0\n2009-04-04\n2016-09-02\n2018-09-24\n2021-03-23\nlatest'],
  ])('%s → %i %j, and 401 without its token', async (path, status, body) => {
    const service = create();
    const token = await tokenOf(service);
    expect(await ask(service.listener, path, { [TOKEN]: token })).toMatchObject({ status, body });
    expect((await ask(service.listener, path)).status).toBe(401);
    expect((await ask(service.listener, path, { [TOKEN]: 'guessed' })).status).toBe(401);
    expect((await ask(service.listener, path, { [TOKEN]: token }, 'POST')).status).toBe(405);
  });

  test('401 once a token has expired or was revoked', async () => {
    let nowMs = 0;
    const service = create(() => nowMs);
    const token = await tokenOf(service, '60');
    const path = '/latest/user-data';
    nowMs = 59_999;
    expect((await ask(service.listener, path, { [TOKEN]: token })).status).toBe(200);
    nowMs = 60_000;
    expect((await ask(service.listener, path, { [TOKEN]: token })).status).toBe(401);
    const next = await tokenOf(service);
    service.revokeTokens();
    expect((await ask(service.listener, path, { [TOKEN]: next })).status).toBe(401);
  });

  test('what is put below meta-data is there, and gone when it is taken away', async () => {
    const service = create();
    const token = await tokenOf(service);
    const look = async (path: string) =>
      (await ask(service.listener, `/latest/meta-data/${path}`, { [TOKEN]: token })).body;
    expect(await look('spot/instance-action')).toBe('Not Found');
    service.put('spot/instance-action', '{}');
    expect(await look('spot/instance-action')).toBe('{}');
    expect(await look('spot')).toBe('instance-action');
    service.put('spot/instance-action', undefined);
    expect(await look('spot/instance-action')).toBe('Not Found');
    expect(await look('spot')).toBe('Not Found');
  });

  test('of version 1 knows no tokens', async () => {
    const { listener } = createEc2Metadata({ metaData: { a: 'b' }, isVersion1: true });
    expect((await ask(listener, '/latest/api/token', { [TTL]: '60' }, 'PUT')).status).toBe(404);
    expect((await ask(listener, '/latest/meta-data/a')).body).toBe('b');
    expect((await ask(listener, '/latest/user-data')).status).toBe(404);
    expect((await ask(listener, '/latest/')).body).toBe('meta-data');
  });
});

describe('the mock of GCE', () => {
  const listener = createGceMetadata({ id: '1' });
  const path = '/computeMetadata/v1/instance/id';
  test.each<[number, Record<string, string>, string, string]>([
    [200, { 'metadata-flavor': 'Google' }, path, 'GET'],
    [403, {}, path, 'GET'],
    [403, { 'metadata-flavor': 'google' }, path, 'GET'],
    [403, { 'metadata-flavor': 'Google', 'x-forwarded-for': '10.0.0.1' }, path, 'GET'],
    [405, { 'metadata-flavor': 'Google' }, path, 'POST'],
    [404, { 'metadata-flavor': 'Google' }, `${path}x`, 'GET'],
    [404, { 'metadata-flavor': 'Google' }, '/id', 'GET'],
  ])('answers %i to %j at %s by %s, with its header', async (status, headers, at, method) => {
    const reply = await ask(listener, at, headers, method);
    expect([reply.status, reply.headers.get('metadata-flavor')]).toEqual([status, 'Google']);
  });
});

describe('the mock of Azure', () => {
  const listener = createAzureMetadata({ compute: { vmId: 'v' } });
  const path = '/metadata/instance?api-version=2021-08-01';
  const metadata = { metadata: 'true' };
  test.each<[number, Record<string, string>, string, string]>([
    [200, metadata, path, 'GET'],
    [400, {}, path, 'GET'],
    [400, { metadata: 'false' }, path, 'GET'],
    [400, { ...metadata, 'x-forwarded-for': '10.0.0.1' }, path, 'GET'],
    [400, { ...metadata, via: '1.1 squid' }, path, 'GET'],
    [400, { ...metadata, forwarded: 'for=10.0.0.1' }, path, 'GET'],
    [400, metadata, '/metadata/instance', 'GET'],
    [400, metadata, '/metadata/instance?api-version=1999-01-01', 'GET'],
    [404, metadata, '/metadata/nothing?api-version=2021-08-01', 'GET'],
    [405, metadata, path, 'POST'],
  ])('answers %i to %j at %s by %s', async (status, headers, at, method) => {
    expect((await ask(listener, at, headers, method)).status).toBe(status);
  });
});

describe('the mock of OpenStack', () => {
  test.each([
    ['/openstack/latest/meta_data.json', 200, 200],
    ['/openstack/latest/user_data', 200, 404],
    ['/2009-04-04/meta-data/ami-id', 200, 404],
    ['/2009-04-04/meta-data/kernel-id', 404, 404],
    ['/latest/api/token', 404, 404],
  ])('answers to %s by %i, and by %i where it has little', async (path, whole, little) => {
    const listeners = [
      createOpenStackMetadata({ metaData: {}, userData: 'x', ec2: { 'ami-id': 'a' } }),
      createOpenStackMetadata({ metaData: {} }),
    ];
    const statuses = listeners.map(async listener => (await ask(listener, path)).status);
    expect(await Promise.all(statuses)).toEqual([whole, little]);
  });

  test('takes GET alone', async () => {
    const listener = createOpenStackMetadata({ metaData: {} });
    expect((await ask(listener, '/latest/api/token', {}, 'PUT')).status).toBe(405);
  });
});
