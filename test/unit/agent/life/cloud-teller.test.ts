import * as v from 'valibot';
import { describe, expect, test } from 'vitest';
import { type Learnt, writeLearnt } from '../../../../agent/learnt.ts';
import { createCloudTeller } from '../../../../agent/life/cloud-teller.ts';
import { PATHS } from '../../../../agent/paths.ts';
import { CloudWord } from '../../../../protocol/cloud.ts';
import { createMemoryFiles } from '../../../support/memory-files.ts';

const FACTS: Learnt['facts'] = {
  ...{ cloud: 'ec2', instanceId: 'i-1', imageId: 'ami-1', region: 'r', localIp: '10.0.0.5' },
  ...{ lifeCycle: 'spot', groupKind: 'auto-scaling-group' },
};

const machineFiles = async () => {
  const files = createMemoryFiles();
  await files.makeDirectory(PATHS.run, { mode: 0o755 });
  return files;
};

describe('what the receiver is told of the cloud', () => {
  test('is nothing before something was learnt, in this boot', async () => {
    const files = await machineFiles();
    const teller = createCloudTeller(files, 'boot-1');
    await teller.learn();
    expect(teller.told()).toEqual({});
    await writeLearnt(files, { bootId: 'boot-0', facts: FACTS, isWhole: true });
    await teller.learn();
    expect(teller.told()).toEqual({});
  });

  test('is what was learnt, and what the context says of power-off', async () => {
    const files = await machineFiles();
    await writeLearnt(files, { bootId: 'boot-1', facts: FACTS, isWhole: true });
    const teller = createCloudTeller(files, 'boot-1');
    await teller.learn();
    const cloud = {
      ...{ name: 'ec2', instanceId: 'i-1', image: 'ami-1', region: 'r', lifeCycle: 'spot' },
      groupKind: 'auto-scaling-group',
    };
    expect(teller.told()).toEqual({ cloud });
    expect(v.parse(CloudWord, teller.told().cloud)).toEqual(cloud);
    teller.heed({ powerOffDeletes: true });
    expect(teller.told()).toEqual({ cloud: { ...cloud, powerOffDeletes: true } });
  });

  test('is nothing where there is no cloud', async () => {
    const files = await machineFiles();
    await writeLearnt(files, { bootId: 'boot-1', facts: { instanceId: 'x' }, isWhole: true });
    const teller = createCloudTeller(files, 'boot-1');
    await teller.learn();
    teller.heed({ powerOffDeletes: true });
    expect(teller.told()).toEqual({});
  });
});
