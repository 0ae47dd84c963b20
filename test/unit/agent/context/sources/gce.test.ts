import { describe, expect, test } from 'vitest';
import { gce } from '../../../../../agent/context/sources/gce.ts';
import { startLoopbackServer } from '../../../../support/loopback-server.ts';
import { failingFirst } from '../../../../support/metadata/faults.ts';
import { createGceMetadata } from '../../../../support/metadata/gce-metadata.ts';
import { createSourcePorts } from '../../../../support/source-ports.ts';

const INSTANCE = {
  name: 'wn-17',
  id: '4520031799277581759',
  image: 'projects/debian-cloud/global/images/debian-12',
  'machine-type': 'projects/123/machineTypes/n2-standard-8',
  zone: 'projects/123/zones/europe-west6-a',
  'network-interfaces/0/ip': '10.0.0.5',
  'network-interfaces/0/access-configs/0/external-ip': '192.0.2.7',
  'scheduling/preemptible': 'TRUE',
};
const FACTS = {
  instanceId: '4520031799277581759',
  instanceName: 'wn-17',
  project: 'my-project',
  imageId: 'projects/debian-cloud/global/images/debian-12',
  instanceType: 'n2-standard-8',
  zone: 'europe-west6-a',
  region: 'europe-west6',
  localIp: '10.0.0.5',
  publicIp: '192.0.2.7',
  lifeCycle: 'spot',
};

const PROJECT = { 'project-id': 'my-project' };

const fetch = async (instance: Record<string, string | Buffer>) => {
  const { origin } = await startLoopbackServer(createGceMetadata(instance, PROJECT));
  return gce.fetch(createSourcePorts(origin), AbortSignal.timeout(9000));
};

describe('gce', () => {
  test('tells its facts; without the attribute there is no user-data', async () => {
    expect(await fetch(INSTANCE)).toEqual({ facts: FACTS });
  });

  test('a VM that stays is a normal one', async () => {
    const { facts } = await fetch({ ...INSTANCE, 'scheduling/preemptible': 'FALSE' });
    expect(facts.lifeCycle).toBe('normal');
  });

  test.each([
    ['projects/1/zones/europe-west6-a/instanceGroupManagers/wn', 'wn', 'zonal-instance-group'],
    ['projects/1/regions/europe-west6/instanceGroupManagers/wn', 'wn', 'regional-instance-group'],
    ['somebody', undefined, undefined],
  ])('created-by %s', async (createdBy, group, groupKind) => {
    const { facts } = await fetch({ 'attributes/created-by': createdBy });
    expect([facts.group, facts.groupKind]).toEqual([group, groupKind]);
  });

  test('gives user-data byte by byte', async () => {
    const bytes = Buffer.from([0x1f, 0x8b, 0, 255, 10]);
    expect((await fetch({ 'attributes/user-data': bytes })).userData).toEqual(bytes);
  });

  test('gives it decoded where an attribute says base64', async () => {
    const { userData } = await fetch({
      'attributes/user-data': 'dmVyc2lv\nbjogMQo=\n',
      'attributes/user-data-encoding': 'base64\n',
    });
    expect(String(userData)).toBe('version: 1\n');
  });

  test('base64 that is none', async () => {
    await expect(
      fetch({ 'attributes/user-data': '*', 'attributes/user-data-encoding': 'base64' }),
    ).rejects.toMatchObject({ code: 'reply-invalid', message: expect.stringContaining('base64') });
  });

  test('what does not say that it is GCE is not believed', async () => {
    const { origin } = await startLoopbackServer((_, response) => response.end('evil'));
    await expect(
      gce.fetch(createSourcePorts(origin), AbortSignal.timeout(9000)),
    ).rejects.toMatchObject({
      code: 'reply-invalid',
      message: expect.stringContaining('Metadata-Flavor'),
    });
  });

  test('503 while the server moves', async () => {
    const listener = failingFirst(2, 503, createGceMetadata(INSTANCE, PROJECT));
    const { origin } = await startLoopbackServer(listener);
    const ports = createSourcePorts(origin);
    expect(await gce.fetch(ports, AbortSignal.timeout(9000))).toEqual({ facts: FACTS });
    expect(ports.clock.pauses).toEqual([500, 1000]);
  });
});
