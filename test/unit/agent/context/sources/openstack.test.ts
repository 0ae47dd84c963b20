import { describe, expect, test } from 'vitest';
import { openstack } from '../../../../../agent/context/sources/openstack.ts';
import { startLoopbackServer } from '../../../../support/loopback-server.ts';
import { failingFirst } from '../../../../support/metadata/faults.ts';
import {
  createOpenStackMetadata,
  type OpenStackMetadataSpec,
} from '../../../../support/metadata/openstack-metadata.ts';
import { createSourcePorts } from '../../../../support/source-ports.ts';

const META_DATA = {
  uuid: 'd8e02d56-2648-49a3-bf97-6be8f1204f38',
  availability_zone: 'nova',
  hostname: 'worker.novalocal',
  name: 'worker',
  project_id: '1b2c3d',
};
const EC2 = {
  'ami-id': 'ami-00000003',
  'instance-type': 'm1.large',
  'instance-id': 'i-00000001',
  'local-ipv4': '10.0.0.5',
  'public-ipv4': '192.0.2.7',
};
const NOVA = {
  instanceId: META_DATA.uuid,
  zone: 'nova',
  instanceName: 'worker',
  project: '1b2c3d',
};
const ALL = {
  ...NOVA,
  imageId: 'ami-00000003',
  instanceType: 'm1.large',
  localIp: '10.0.0.5',
  publicIp: '192.0.2.7',
};
const BYTES = Buffer.from([0x1f, 0x8b, 0, 255]);

const fetch = async (spec: OpenStackMetadataSpec) => {
  const { origin } = await startLoopbackServer(createOpenStackMetadata(spec));
  return openstack.fetch(createSourcePorts(origin), AbortSignal.timeout(9000));
};

describe("openstack's metadata service", () => {
  test('tells more where it has a part compatible with EC2', async () => {
    expect(await fetch({ metaData: META_DATA, userData: BYTES, ec2: EC2 })).toEqual({
      facts: ALL,
      userData: BYTES,
    });
  });

  test('does without that part, and without user-data', async () => {
    expect(await fetch({ metaData: META_DATA })).toEqual({
      facts: NOVA,
    });
  });

  test('500s, then good', async () => {
    const listener = failingFirst(2, 500, createOpenStackMetadata({ metaData: META_DATA }));
    const { origin } = await startLoopbackServer(listener);
    const ports = createSourcePorts(origin);
    const { facts } = await openstack.fetch(ports, AbortSignal.timeout(9000));
    expect(facts.instanceId).toBe(META_DATA.uuid);
    expect(ports.clock.pauses).toEqual([500, 1000]);
  });

  test('the part compatible with EC2 in trouble costs some facts, and no user-data', async () => {
    const sound = createOpenStackMetadata({ metaData: META_DATA, userData: BYTES });
    const { origin } = await startLoopbackServer((request, response) => {
      if (request.url?.startsWith('/2009-04-04/')) response.writeHead(500).end();
      else sound(request, response);
    });
    const ports = createSourcePorts(origin);
    expect(await openstack.fetch(ports, AbortSignal.timeout(9000))).toEqual({
      facts: NOVA,
      userData: BYTES,
    });
    expect(ports.clock.pauses).toEqual([500, 1000, 2000]);
  });

  test('without meta_data.json it is no OpenStack', async () => {
    const { origin } = await startLoopbackServer((_, response) => {
      response.writeHead(404).end();
    });
    await expect(
      openstack.fetch(createSourcePorts(origin), AbortSignal.timeout(9000)),
    ).rejects.toMatchObject({ code: 'http-refused' });
  });

  test('JSON that is none', async () => {
    const { origin } = await startLoopbackServer((_, response) => response.end('{"uuid": '));
    await expect(
      openstack.fetch(createSourcePorts(origin), AbortSignal.timeout(9000)),
    ).rejects.toMatchObject({
      code: 'reply-invalid',
      message: expect.stringContaining('meta_data.json'),
    });
  });
});

describe('a config drive', () => {
  const DRIVE = '/dev/disk/by-label/config-2';
  const prepare = async (contents: Record<string, string>, metadataUrl?: string) => {
    const ports = createSourcePorts(metadataUrl);
    for (const [path, content] of Object.entries(contents)) {
      const target = `${DRIVE}/${path}`;
      await ports.files.makeDirectory(target.slice(0, target.lastIndexOf('/')), { mode: 0o755 });
      await ports.files.write(target, content, { mode: 0o644 });
    }
    ports.known = { ...ports.known, labels: ['config-2'] };
    return () => openstack.fetch(ports, AbortSignal.timeout(9000));
  };

  test('needs no network', async () => {
    const fetch = await prepare({
      'openstack/latest/meta_data.json': JSON.stringify(META_DATA),
      'openstack/latest/user_data': 'version: 1\n',
      'ec2/latest/meta-data.json': JSON.stringify(EC2),
    });
    expect(await fetch()).toEqual({ facts: ALL, userData: Buffer.from('version: 1\n') });
  });

  test('may have neither user-data nor EC2 words', async () => {
    const fetch = await prepare({ 'openstack/latest/meta_data.json': JSON.stringify(META_DATA) });
    expect(await fetch()).toEqual({ facts: NOVA });
  });

  test('that is empty: the service is asked', async () => {
    const { origin } = await startLoopbackServer(createOpenStackMetadata({ metaData: META_DATA }));
    const fetch = await prepare({ 'openstack/readme': '' }, origin);
    expect((await fetch()).facts.instanceId).toBe(META_DATA.uuid);
  });

  test.each([
    ['no JSON', { 'openstack/latest/meta_data.json': '{' }, 'is not the JSON'],
    [
      'too much user-data',
      {
        'openstack/latest/meta_data.json': '{}',
        'openstack/latest/user_data': 'x'.repeat(512 * 1024 + 1),
      },
      'is larger than',
    ],
  ])('%s, and no service either: both are told', async (_what, contents, said) => {
    const fetch = await prepare(contents);
    await expect(fetch()).rejects.toMatchObject({
      code: 'http-failed',
      message: expect.stringMatching(new RegExp(`${said}.*; .*127\\.0\\.0\\.1`)),
    });
  });
});
