import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { createExec } from '../../../platform/exec.ts';
import { hookRequest } from '../../../receiver/deletions/hook-request.ts';
import { AZURE, EC2, GCE, GROUP, HOOKS, NOVA, ONE, setUp, vmOf } from '../../support/hook-bed.ts';

describe('a hook', () => {
  it.each([[EC2], [NOVA], [GCE], [AZURE], [ONE]])(
    'what the cloud does not know is not found: %o',
    async cloud => {
      const { ask, changes } = setUp({});
      expect((await ask(cloud)).outcome).toBe('not-found');
      expect(changes()).toEqual([]);
    },
  );

  it.each([
    [EC2, 'ec2.sh', 'aws ec2 describe-instances', 'i-1'],
    [EC2, 'ec2.sh', 'aws ec2 terminate-instances', 'i-1'],
    [NOVA, 'openstack.sh', 'openstack server show', NOVA.instanceId],
    [NOVA, 'openstack.sh', 'openstack server delete', NOVA.instanceId],
    [GCE, 'gce.sh', 'gcloud compute instances describe', '452'],
    [GCE, 'gce.sh', 'gcloud compute instances delete', '452'],
    [AZURE, 'azure.sh', 'az vm show', AZURE.instanceId],
    [AZURE, 'azure.sh', 'az vm delete', AZURE.instanceId],
    [ONE, 'opennebula.sh', 'onevm show', '42'],
    [ONE, 'opennebula.sh', 'onevm terminate', '42'],
  ])('a failure is for later: %o by %s of %s', async (cloud, program, words, id) => {
    const name = 'instanceName' in cloud ? { name: 'wn-17' } : {};
    const begin = {
      machines: { [id]: { state: '3', ...name } },
      faults: [{ words, stderr: 'Unable to\nlocate credentials', exitCode: 253 }],
    };
    const { ask } = setUp(begin, program);
    const answer = await ask(cloud);
    expect(answer).toMatchObject({ outcome: 'later', exitCode: 75 });
    expect(answer.said).toMatch(/: Unable to locate credentials$/);
  });

  it.each([
    [GCE, { '999': { state: 'RUNNING', name: 'wn-17' } }],
    [AZURE, { another: { state: 'Running', name: 'wn-17' } }],
  ])('another VM of the same name is let be: %o', async (cloud, machines) => {
    const { ask, changes } = setUp({ machines });
    expect(await ask(cloud)).toMatchObject({
      outcome: 'not-found',
      said: expect.stringContaining('wn-17 is another VM by now'),
    });
    expect(changes()).toEqual([]);
  });

  it('a group that is as small as it may be is for later, and nothing comes of it', async () => {
    const { ask, world } = setUp({
      machines: { 'i-1': { state: 'running', group: 'wn' } },
      groups: { wn: { wanted: 1, least: 1 } },
    });
    const answer = await ask({ ...EC2, groupKind: 'auto-scaling-group' });
    expect(answer).toMatchObject({ outcome: 'later', said: expect.stringContaining('minSize') });
    expect(world().machines['i-1']?.state).toBe('running');
  });

  it('what has left its group is terminated all the same', async () => {
    const { ask, world } = setUp({ machines: { 'i-1': { state: 'stopped' } } });
    expect((await ask({ ...EC2, groupKind: 'auto-scaling-group' })).outcome).toBe('asked');
    expect(world().machines['i-1']?.state).toBe('shutting-down');
  });

  it.each([
    ['ec2-fleet', 'aws ec2 terminate-instances'],
    ['spot-fleet', 'aws ec2 terminate-instances'],
  ])('a fleet is lowered once, whatever fails afterwards: %s', async (groupKind, words) => {
    const { ask, world } = setUp({
      machines: { 'i-1': { state: 'running' } },
      groups: { wn: { wanted: 3, least: 0 } },
      faults: [{ words, stderr: 'RequestLimitExceeded', exitCode: 254 }],
    });
    const cloud = { ...EC2, groupKind, group: 'wn' };
    expect((await ask(cloud)).outcome).toBe('later');
    expect((await ask(cloud)).outcome).toBe('asked');
    expect(world().groups.wn?.wanted).toBe(2);
  });

  it.each([
    [{ name: 'ec2', instanceId: 'i-1' }, 'PILOTAGE_REGION'],
    [
      { name: 'azure', instanceId: 'x', instanceName: 'y', project: 'z' },
      'PILOTAGE_RESOURCE_GROUP',
    ],
    [{ ...EC2, groupKind: 'ec2-fleet' }, 'PILOTAGE_GROUP'],
    [{ name: 'ec2', instanceId: '--force', region: 'eu-west-1' }, 'PILOTAGE_INSTANCE_ID'],
    [{ name: 'bare-metal', instanceId: 'x' }, 'bare-metal'],
    [{ name: '../../ec2', instanceId: 'x' }, 'not told'],
  ])('what can never work is given up: %o', async (cloud, said) => {
    const { ask, changes } = setUp({ machines: { 'i-1': { state: 'stopped' } } });
    expect(await ask(cloud)).toMatchObject({
      outcome: 'gave-up',
      said: expect.stringContaining(said),
    });
    expect(changes()).toEqual([]);
  });

  it('a VM of OpenNebula that does not end is ended hard', async () => {
    const { world, folder } = setUp({ machines: { '42': { state: '3' } } });
    const { env } = hookRequest(vmOf(ONE), 'delete');
    await createExec().run(join(HOOKS, 'opennebula.sh'), ['delete'], {
      timeoutMs: 20_000,
      allowedExitCodes: [10],
      env: { ...env, PATH: `${folder}:/usr/bin:/bin`, PILOTAGE_ATTEMPT: '4' },
    });
    expect(world().calls.at(-1)).toEqual(['onevm', 'terminate', '--hard', '42']);
  });
});

describe('scale-in protection', () => {
  const begin = {
    machines: {
      'i-1': { state: 'running', group: 'wn' },
      [AZURE.instanceId]: { state: 'Running', name: '3', group: 'wn' },
    },
    groups: GROUP,
  };
  it.each([
    [{ ...EC2, groupKind: 'auto-scaling-group', group: 'wn' }, 'i-1'],
    [{ ...EC2, groupKind: 'auto-scaling-group' }, 'i-1'],
    [{ ...AZURE, instanceName: '3', groupKind: 'scale-set', group: 'wn' }, AZURE.instanceId],
  ])('is set and taken back: %o', async (cloud, id) => {
    const { ask, world } = setUp(begin);
    expect((await ask(cloud, 'protect')).outcome).toBe('done');
    expect(world().machines[id]?.isSpared).toBe(true);
    expect((await ask(cloud, 'unprotect')).outcome).toBe('done');
    expect(world().machines[id]?.isSpared).toBe(false);
  });

  it.each([
    [EC2],
    [NOVA],
    [{ ...GCE, groupKind: 'zonal-instance-group', group: 'wn' }],
    [{ ...AZURE, groupKind: 'flexible-scale-set', group: 'wn' }],
    [ONE],
  ])('is given up where there is none: %o', async cloud => {
    const { ask, world } = setUp(begin);
    expect((await ask(cloud, 'protect')).outcome).toBe('gave-up');
    expect(world().calls).toEqual([]);
  });
});

describe('the stand-ins', () => {
  it.each([
    [['aws', 'ec2', 'terminate-instances', '--region', 'eu-west-1', '--instance-id', 'i-1'], 252],
    [['aws', 'ec2', 'terminate-instances', '--instance-ids', 'i-1'], 252],
    [['aws', 'ec2', 'destroy'], 252],
    [['openstack', 'server', 'delete'], 2],
    [['az', 'vm', 'delete', '--name', 'x'], 2],
    [['gcloud', 'compute', 'instances', 'delete', 'x', '--zone', 'z', '--project', 'p'], 2],
    [['onevm', 'terminate', '--now', '1'], 255],
  ])('refuse what the real tool would not understand: %o', async ([tool = '', ...args], exit) => {
    const { folder } = setUp({});
    const { exitCode, stderr } = await createExec().run(join(folder, tool), args, {
      timeoutMs: 20_000,
      allowedExitCodes: [exit],
    });
    expect([exitCode, stderr]).toEqual([exit, expect.stringContaining('usage:')]);
  });
});
