import { describe, expect, test } from 'vitest';
import { cloudInit } from '../../../../../agent/context/sources/cloud-init.ts';
import { CLOUD_INIT } from '../../../../../agent/context/sources/detection-facts.ts';
import { file } from '../../../../../agent/context/sources/file.ts';
import { createSourcePorts } from '../../../../support/source-ports.ts';

const prepare = async (contents: Record<string, string>) => {
  const ports = createSourcePorts();
  for (const [path, content] of Object.entries(contents)) {
    await ports.files.makeDirectory(path.slice(0, path.lastIndexOf('/')), { mode: 0o755 });
    await ports.files.write(path, content, { mode: 0o600 });
  }
  return ports;
};
const fetch = async (contents: Record<string, string>) =>
  cloudInit.fetch(await prepare(contents), AbortSignal.timeout(9000));

describe('what cloud-init kept', () => {
  test('is user-data as it came, and facts', async () => {
    const instanceData = {
      v1: { instance_id: 'i-1', availability_zone: 'eu-west-1b', cloud_name: 'aws' },
      ds: {
        meta_data: {
          'instance-id': 'i-1',
          'instance-type': 'c7i.large',
          'ami-id': 'ami-1',
          'instance-life-cycle': 'on-demand',
          placement: { 'availability-zone': 'eu-west-1b' },
        },
      },
    };
    expect(
      await fetch({
        [CLOUD_INIT.userData]: 'version: 1\n',
        [CLOUD_INIT.instanceData]: JSON.stringify(instanceData),
      }),
    ).toEqual({
      facts: {
        instanceId: 'i-1',
        instanceType: 'c7i.large',
        imageId: 'ami-1',
        zone: 'eu-west-1b',
        lifeCycle: 'normal',
      },
      userData: Buffer.from('version: 1\n'),
    });
  });

  test.each(['iid-dsopennebula', 'iid-datasource-none', 'nocloud'])(
    '%s is what every VM is called, and no id',
    async name => {
      const instanceData = {
        v1: { instance_id: name },
        ds: { meta_data: { 'instance-id': name } },
      };
      const { facts } = await fetch({ [CLOUD_INIT.instanceData]: JSON.stringify(instanceData) });
      expect(facts).toEqual({});
    },
  );

  test('may be one of both, or empty', async () => {
    expect(await fetch({ [CLOUD_INIT.userData]: '' })).toEqual({ facts: {} });
    expect(await fetch({ [CLOUD_INIT.instanceData]: '{}' })).toEqual({ facts: {} });
    expect(await fetch({ [CLOUD_INIT.userData]: 'x' })).toMatchObject({ facts: {} });
  });

  test.each(['{', '3', '{"v1": 3}'])('instance-data of %j is a failure', async text => {
    await expect(fetch({ [CLOUD_INIT.instanceData]: text })).rejects.toMatchObject({
      code: 'reply-invalid',
      message: expect.stringContaining(CLOUD_INIT.instanceData),
    });
  });

  test('user-data above the bound is a failure', async () => {
    await expect(
      fetch({ [CLOUD_INIT.userData]: 'x'.repeat(512 * 1024 + 1) }),
    ).rejects.toMatchObject({ code: 'file-too-large' });
  });
});

test('context files count by their size', async () => {
  const contextFiles = ['/etc/pilotage/context.d/a.yaml', '/etc/pilotage/context.d/b.yaml'];
  const ports = await prepare(Object.fromEntries(contextFiles.map(path => [path, '12345'])));
  ports.known = { ...ports.known, contextFiles };
  const { facts, userData } = await file.fetch(ports, AbortSignal.timeout(9000));
  expect([facts, userData?.length]).toEqual([{}, 10]);
});
