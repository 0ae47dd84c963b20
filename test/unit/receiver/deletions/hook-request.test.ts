import { describe, expect, it } from 'vitest';
import { hookRequest } from '../../../../receiver/deletions/hook-request.ts';
import { openDeletion } from '../../../../receiver/fleet/deletion.ts';
import { enrolledVm, vmIn } from '../fleet/vm-records.ts';

const vmWith = (cloud: object) => {
  const { latest, ...vm } = vmIn('halted');
  if (latest === undefined) throw new Error('it has none');
  return { ...vm, latest: { ...latest, cloud: { name: 'ec2', ...cloud } } };
};

describe('what a hook is told', () => {
  it('is the VM in words, by its environment and as JSON', () => {
    const vm = {
      ...vmWith({ instanceId: 'i-1', groupKind: 'spot-fleet', powerOffDeletes: false }),
      identity: { instanceId: 'i-1', hostname: 'wn1', site: 'CERN' },
      deletion: { ...openDeletion('lost', 0), attempts: 2 },
    };
    const { env, input } = hookRequest(vm, 'delete');
    expect(env).toEqual({
      PILOTAGE_VM: vm.vmId,
      PILOTAGE_HOSTNAME: 'wn1',
      PILOTAGE_SITE: 'CERN',
      PILOTAGE_CLOUD: 'ec2',
      PILOTAGE_INSTANCE_ID: 'i-1',
      PILOTAGE_GROUP_KIND: 'spot-fleet',
      PILOTAGE_CAUSE: 'lost',
      PILOTAGE_ATTEMPT: '3',
    });
    expect(JSON.parse(input)).toMatchObject({ event: 'delete', instanceId: 'i-1', site: 'CERN' });
  });

  it.each([
    { instanceId: '--force' },
    { instanceId: 'a b' },
    { instanceId: '../x' },
    { instanceId: '' },
  ])('holds nothing that an option, a path or two words could be made of: %o', cloud => {
    expect(hookRequest(vmWith(cloud), 'delete').env).not.toHaveProperty('PILOTAGE_INSTANCE_ID');
  });

  it('is little of a VM that has told nothing', () => {
    expect(Object.keys(hookRequest(enrolledVm(), 'delete').env)).toEqual([
      'PILOTAGE_VM',
      'PILOTAGE_HOSTNAME',
      'PILOTAGE_ATTEMPT',
    ]);
  });
});
