import { describe, expect, test } from 'vitest';
import { azure } from '../../../../../agent/context/sources/azure.ts';
import { startLoopbackServer } from '../../../../support/loopback-server.ts';
import { createAzureMetadata } from '../../../../support/metadata/azure-metadata.ts';
import { failingFirst } from '../../../../support/metadata/faults.ts';
import { createSourcePorts } from '../../../../support/source-ports.ts';

const COMPUTE = {
  name: 'wn-17',
  subscriptionId: '8d10da13-8125-4ba9-a717-bf7490507b3d',
  resourceGroupName: 'workers',
  vmId: '02aab8a4-74ef-476e-8182-f6d2ba4166a6',
  vmSize: 'Standard_D8s_v5',
  location: 'westeurope',
  zone: '2',
  priority: 'Spot',
  userData: Buffer.from('version: 1\n').toString('base64'),
  storageProfile: {
    imageReference: { id: '', publisher: 'Debian', offer: 'debian-12', sku: '12', version: '0.1' },
  },
};
const NETWORK = {
  interface: [
    { ipv4: { ipAddress: [{ privateIpAddress: '10.0.0.5', publicIpAddress: '192.0.2.7' }] } },
  ],
};
const fetch = async (instance: object) => {
  const { origin } = await startLoopbackServer(createAzureMetadata(instance));
  return azure.fetch(createSourcePorts(origin), AbortSignal.timeout(9000));
};

describe('azure', () => {
  test('tells its facts and gives user-data decoded', async () => {
    const { facts, userData } = await fetch({ compute: COMPUTE, network: NETWORK });
    expect(facts).toEqual({
      instanceId: '02aab8a4-74ef-476e-8182-f6d2ba4166a6',
      imageId: 'Debian:debian-12:12:0.1',
      instanceType: 'Standard_D8s_v5',
      zone: 'westeurope-2',
      region: 'westeurope',
      instanceName: 'wn-17',
      project: '8d10da13-8125-4ba9-a717-bf7490507b3d',
      resourceGroup: 'workers',
      localIp: '10.0.0.5',
      publicIp: '192.0.2.7',
      lifeCycle: 'spot',
    });
    expect(String(userData)).toBe('version: 1\n');
  });

  const inSet = (set: string, name: string): string =>
    `/subscriptions/1/resourceGroups/workers/providers/Microsoft.Compute/${set}virtualMachines/${name}`;
  test.each([
    ['wn_3', inSet('virtualMachineScaleSets/wn/', '3'), '3', 'scale-set'],
    ['wn_8f2c', inSet('', 'wn_8f2c'), 'wn_8f2c', 'flexible-scale-set'],
    ['wn_3', inSet(`virtualMachineScaleSets/${'w'.repeat(250)}/`, '3'), '3', 'scale-set'],
  ])('%s of a scale set', async (name, resourceId, instanceName, groupKind) => {
    const { facts } = await fetch({ compute: { name, resourceId, vmScaleSetName: 'wn' } });
    expect(facts).toMatchObject({ instanceName, group: 'wn', groupKind });
  });

  test.each(['', undefined])('userData of %j is none', async userData => {
    const result = await fetch({ compute: { vmId: 'v', userData } });
    expect(result).toEqual({ facts: { instanceId: 'v', lifeCycle: 'normal' } });
  });

  test('a region without zones, an image of one’s own, an interface without an address', async () => {
    const { facts } = await fetch({
      compute: {
        location: 'northeurope',
        zone: '',
        priority: 'Regular',
        storageProfile: { imageReference: { id: '/subscriptions/1/images/x' } },
      },
      network: { interface: [{}] },
    });
    expect(facts).toEqual({
      zone: 'northeurope',
      region: 'northeurope',
      imageId: '/subscriptions/1/images/x',
      lifeCycle: 'normal',
    });
  });

  test.each([
    ['no JSON', '{"compute":'],
    ['a list', '[]'],
    ['no compute', '{}'],
    ['another compute', '{"compute":3}'],
  ])('%s', async (_what, body) => {
    const { origin } = await startLoopbackServer((_, response) => response.end(body));
    await expect(
      azure.fetch(createSourcePorts(origin), AbortSignal.timeout(9000)),
    ).rejects.toMatchObject({ code: 'reply-invalid' });
  });

  test('userData that is no base64', async () => {
    await expect(fetch({ compute: { userData: '#cloud-config' } })).rejects.toMatchObject({
      code: 'reply-invalid',
      message: expect.stringContaining('not base64'),
    });
  });

  test.each([404, 400])('%i is a refusal', async status => {
    const { origin } = await startLoopbackServer((_, response) => {
      response.writeHead(status).end();
    });
    await expect(
      azure.fetch(createSourcePorts(origin), AbortSignal.timeout(9000)),
    ).rejects.toMatchObject({ code: 'http-refused', context: { status } });
  });

  test('410 while the service moves', async () => {
    const listener = failingFirst(1, 410, createAzureMetadata({ compute: { vmId: 'v' } }));
    const { origin } = await startLoopbackServer(listener);
    const ports = createSourcePorts(origin);
    expect((await azure.fetch(ports, AbortSignal.timeout(9000))).facts.instanceId).toBe('v');
    expect(ports.clock.pauses).toEqual([500]);
  });
});
