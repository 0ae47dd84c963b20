import { describe, expect, it } from 'vitest';
import type { CloudWord } from '../../../protocol/cloud.ts';
import { deleteCommands, POWER_OFF } from '../../../receiver/fleet/power-off.ts';
import type { World } from '../../support/cloud-tools/world.ts';
import { AZURE, EC2, GCE, GROUP, NOVA, ONE, setUp } from '../../support/hook-bed.ts';

interface Case {
  cloud: CloudWord;
  begin: Partial<World>;
  /** What comes of asking again and again. */
  outcomes: string[];
  /** How many VMs its group wants in the end. */
  wanted?: number;
}

const CASES: Readonly<Record<string, Case>> = {
  'an instance of EC2': {
    cloud: EC2,
    begin: { machines: { 'i-1': { state: 'stopped' } } },
    outcomes: ['asked', 'asked', 'done'],
  },
  'one of an auto-scaling group': {
    cloud: { ...EC2, groupKind: 'auto-scaling-group', group: 'wn' },
    begin: { machines: { 'i-1': { state: 'running', group: 'wn' } }, groups: GROUP },
    outcomes: ['asked', 'asked', 'done'],
    wanted: 2,
  },
  'one of a maintained EC2 fleet': {
    cloud: { ...EC2, groupKind: 'ec2-fleet', group: 'wn' },
    begin: { machines: { 'i-1': { state: 'running' } }, groups: GROUP },
    outcomes: ['asked', 'asked', 'done'],
    wanted: 2,
  },
  'one of a spot fleet': {
    cloud: { ...EC2, groupKind: 'spot-fleet', group: 'wn' },
    begin: { machines: { 'i-1': { state: 'running' } }, groups: GROUP },
    outcomes: ['asked', 'asked', 'done'],
    wanted: 2,
  },
  'a server of OpenStack': {
    cloud: NOVA,
    begin: { machines: { [NOVA.instanceId]: { state: 'SHUTOFF' } } },
    outcomes: ['asked', 'not-found', 'not-found'],
  },
  'an instance of GCE': {
    cloud: GCE,
    begin: { machines: { '452': { state: 'TERMINATED', name: 'wn-17' } } },
    outcomes: ['done', 'not-found'],
  },
  'one of a zonal group': {
    cloud: { ...GCE, groupKind: 'zonal-instance-group', group: 'wn' },
    begin: { machines: { '452': { state: 'RUNNING', name: 'wn-17' } }, groups: GROUP },
    outcomes: ['asked', 'not-found'],
    wanted: 2,
  },
  'one of a regional group': {
    cloud: { ...GCE, groupKind: 'regional-instance-group', group: 'wn' },
    begin: { machines: { '452': { state: 'RUNNING', name: 'wn-17' } }, groups: GROUP },
    outcomes: ['asked', 'not-found'],
    wanted: 2,
  },
  'a VM of Azure': {
    cloud: AZURE,
    begin: { machines: { [AZURE.instanceId]: { state: 'Stopped', name: 'wn-17' } } },
    outcomes: ['asked', 'asked', 'not-found'],
  },
  'one of a scale set': {
    cloud: { ...AZURE, instanceName: '3', groupKind: 'scale-set', group: 'wn' },
    begin: { machines: { [AZURE.instanceId]: { state: 'Stopped', name: '3' } }, groups: GROUP },
    outcomes: ['asked', 'asked', 'not-found'],
    wanted: 1,
  },
  'one of a flexible scale set': {
    cloud: { ...AZURE, groupKind: 'flexible-scale-set', group: 'wn' },
    begin: { machines: { [AZURE.instanceId]: { state: 'Stopped', name: 'wn-17' } } },
    outcomes: ['asked', 'asked', 'not-found'],
  },
  'a VM of OpenNebula': {
    cloud: ONE,
    begin: { machines: { '42': { state: '8' } } },
    outcomes: ['asked', 'asked', 'done'],
  },
};

describe('the hook of its cloud deletes', () => {
  it.each(Object.entries(CASES))('%s', async (_what, { cloud, begin, outcomes, wanted }) => {
    const { ask, changes, world } = setUp(begin);
    const came = [];
    for (const _ of outcomes) came.push((await ask(cloud)).outcome);
    expect(came).toEqual(outcomes);
    if (wanted !== undefined) expect(world().groups.wn?.wanted).toBe(wanted);
    // What the table tells operators to do is what the hook does, but for numbers that the cloud knows.
    for (const command of deleteCommands(cloud)) {
      const done = changes().map(call =>
        call.join(' ').replace(/=2\b| 2 /, text => text.replace('2', 'ONE-LESS-THAN-NOW')),
      );
      expect(done).toContain(command.join(' '));
    }
  });

  it('and every cloud of the table has one', () => {
    const covered = new Set(Object.values(CASES).map(({ cloud }) => cloud.name));
    expect([...covered].sort()).toEqual(Object.keys(POWER_OFF).sort());
  });
});
