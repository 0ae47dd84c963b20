import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { SOURCES } from '../../../../agent/context/sources/index.ts';
import type { CloudWord } from '../../../../protocol/cloud.ts';
import {
  deleteCommands,
  isSafeWord,
  leftBilled,
  missingFor,
  POWER_OFF,
} from '../../../../receiver/fleet/power-off.ts';

const ALL: CloudWord = {
  ...{ name: '', instanceId: 'i-1', instanceName: 'wn-1', region: 'r', zone: 'z', project: 'p' },
  ...{ resourceGroup: 'g', group: 'workers' },
};

describe('power-off', () => {
  it('is known of every cloud that the agent knows', () => {
    const NO_CLOUDS = ['file', 'cloud-init', 'nocloud'];
    const clouds = SOURCES.map(({ name }) => name).filter(name => !NO_CLOUDS.includes(name));
    expect(Object.keys(POWER_OFF).sort()).toEqual(clouds.sort());
  });

  it.each(Object.keys(POWER_OFF))(
    'leaves something billed on %s, unless the context says so',
    name => {
      expect(leftBilled({ name }).length).toBeGreaterThan(0);
      expect(leftBilled({ name, powerOffDeletes: false }).length).toBeGreaterThan(0);
      expect(leftBilled({ name, powerOffDeletes: true })).toEqual([]);
    },
  );

  it.each([undefined, { name: 'nocloud' }, { name: 'constructor' }, { name: 'a-cloud-to-come' }])(
    'is the end where there is no cloud that bills: %o',
    cloud => {
      expect(leftBilled(cloud)).toEqual([]);
      expect(deleteCommands(cloud)).toEqual([]);
    },
  );

  it.each(
    Object.entries(POWER_OFF).flatMap(([name, { needs }]) =>
      needs.map(need => [name, need] as const),
    ),
  )('%s needs %s', (name, need) => {
    expect(missingFor({ ...ALL, name })).toEqual([]);
    expect(missingFor({ ...ALL, name, [need]: undefined })).toEqual([need]);
    expect(missingFor({ ...ALL, name, [need]: '--all' })).toEqual([need]);
    expect(deleteCommands({ ...ALL, name, [need]: '--all' })).toEqual([]);
  });

  it.each([
    ['ec2', undefined, 'aws ec2 terminate-instances --region r --instance-ids i-1'],
    [
      'ec2',
      'auto-scaling-group',
      'aws autoscaling terminate-instance-in-auto-scaling-group --region r --instance-id i-1 --should-decrement-desired-capacity',
    ],
    ['openstack', undefined, 'openstack server delete i-1'],
    ['gce', undefined, 'gcloud compute instances delete wn-1 --zone z --project p --quiet'],
    [
      'gce',
      'regional-instance-group',
      'gcloud compute instance-groups managed delete-instances workers --instances wn-1 --region r --project p --quiet',
    ],
    [
      'azure',
      undefined,
      'az vm delete --subscription p --resource-group g --name wn-1 --yes --no-wait',
    ],
    [
      'azure',
      'scale-set',
      'az vmss delete-instances --subscription p --resource-group g --name workers --instance-ids wn-1 --no-wait',
    ],
    ['opennebula', undefined, 'onevm terminate i-1'],
  ])('on %s, in the group %s: %s', (name, groupKind, command) => {
    const lines = deleteCommands({ ...ALL, name, groupKind }).map(line => line.join(' '));
    expect(lines).toEqual([command]);
  });

  it('asks about what it is not told of a group', () => {
    const { group: _, ...rest } = ALL;
    const lines = deleteCommands({ ...rest, name: 'ec2', groupKind: 'ec2-fleet' });
    expect(lines[0]).toContain('?');
  });

  it('lets no word of a VM become an option, a path that leads elsewhere, or several words', () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 40 }), text => {
        if (!isSafeWord(text)) return;
        expect(text).not.toMatch(/^[-./]|\.\.|[\s'"`$\\;&|<>*?[\]{}~#!]/);
      }),
    );
    for (const word of ['-x', '..', 'a/../b', 'a b', 'a\nb', '$(id)', '', '*', 'a'.repeat(256)])
      expect(isSafeWord(word)).toBe(false);
  });
});
