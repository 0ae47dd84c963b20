import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { CloudWord } from '../../../../protocol/cloud.ts';
import type { HeartbeatRequest } from '../../../../protocol/heartbeat.ts';
import { VM_STATES } from '../../../../protocol/words.ts';
import {
  afterDeleteHook,
  type Deletion,
  endDeletion,
  HOOK_OUTCOMES,
  openDeletion,
} from '../../../../receiver/fleet/deletion.ts';
import { followHeartbeat } from '../../../../receiver/fleet/follow-heartbeat.ts';
import { transition } from '../../../../receiver/fleet/transition.ts';
import type { VmRecord } from '../../../../receiver/fleet/vm-record.ts';
import { heartbeat } from '../../../support/receiver-under-test.ts';
import { enrolledVm } from './vm-records.ts';

const NOW = 5_000_000;
const EC2: CloudWord = { name: 'ec2', instanceId: 'i-1', region: 'eu-west-1' };
const IN_GROUP = { ...EC2, groupKind: 'auto-scaling-group' };

const hear = (vm: VmRecord, sequence: number, rest: Partial<HeartbeatRequest>, nowMs = NOW) => {
  const arrival = { vmId: vm.vmId, heartbeat: heartbeat(sequence, rest), receivedMs: nowMs };
  return followHeartbeat(vm, transition(vm, arrival), nowMs);
};
const RUNNING = hear(enrolledVm(), 1, { state: 'running', cloud: EC2 });

const opened = (cause: Deletion['cause']): Deletion => openDeletion(cause, 1000);
const deleting = (cause: Deletion['cause']): Deletion =>
  afterDeleteHook(opened(cause), { outcome: 'asked', said: '' }, 2000, 0.5);
const ended = (cause: Deletion['cause']): Deletion => endDeletion(opened(cause), '', 3000);

describe('a VM that halts', () => {
  it.each([
    [EC2, NOW + 60_000],
    [{ ...EC2, groupKind: 'auto-scaling-group' }, NOW + 5000],
    [{ name: 'openstack' }, NOW + 60_000],
  ])('is to be deleted where it is still billed: %o', (cloud, dueMs) => {
    const vm = hear(enrolledVm(), 1, { state: 'halted', cloud });
    expect(vm.deletion).toMatchObject({ state: 'to-be-deleted', cause: 'halted', dueMs });
  });

  it.each([undefined, { name: 'nocloud' }, { ...EC2, powerOffDeletes: true }])(
    'is not where its end is the end: %o',
    cloud => {
      const told = cloud === undefined ? {} : { cloud };
      expect(hear(enrolledVm(), 1, { state: 'halted', ...told }).deletion).toBeUndefined();
    },
  );

  it('counts by what it said of its cloud before', () => {
    expect(hear(RUNNING, 2, { state: 'halted' }).deletion?.state).toBe('to-be-deleted');
  });

  it.each([
    [opened('lost'), 'to-be-deleted', 'halted'],
    [opened('operator'), 'to-be-deleted', 'operator'],
    [deleting('lost'), 'deleting', 'lost'],
    [deleting('halted'), 'deleting', 'halted'],
    [ended('halted'), 'ended', 'halted'],
    [ended('operator'), 'ended', 'operator'],
  ])('after %o is %s because of %s', (deletion, state, cause) => {
    const vm = hear({ ...RUNNING, deletion }, 2, { state: 'halted' });
    expect(vm.deletion).toMatchObject({ state, cause });
  });
});

describe('a VM that speaks and has not halted', () => {
  it.each([
    [opened('halted'), undefined],
    [opened('lost'), undefined],
    [opened('operator'), undefined],
    [deleting('halted'), 'deleting'],
    [deleting('lost'), 'deleting'],
    [ended('halted'), undefined],
  ])('after %o is %s', (deletion, state) => {
    const vm = hear({ ...RUNNING, deletion }, 2, { state: 'running' });
    expect(vm.deletion?.state).toBe(state);
  });

  it('but a late word of it changes nothing', () => {
    const halted = hear(RUNNING, 5, { state: 'halted' });
    expect(hear(halted, 4, { state: 'running' }).deletion).toBe(halted.deletion);
  });

  it('is to be deleted anew once it halts again', () => {
    const again = hear({ ...RUNNING, deletion: ended('halted') }, 2, { state: 'running' });
    expect(hear(again, 3, { state: 'halted' }, NOW + 1).deletion).toMatchObject({
      state: 'to-be-deleted',
      sinceMs: NOW + 1,
    });
  });
});

it('nothing is deleted that works, and what halted is never forgotten, whatever the order', () => {
  const anyEvent = fc.oneof(
    fc.record({
      kind: fc.constant('heartbeat' as const),
      sequence: fc.integer({ min: 1, max: 8 }),
      state: fc.constantFrom(...VM_STATES),
    }),
    fc.record({ kind: fc.constant('hook' as const), outcome: fc.constantFrom(...HOOK_OUTCOMES) }),
  );
  fc.assert(
    fc.property(fc.array(anyEvent, { maxLength: 20 }), events => {
      let vm: VmRecord = enrolledVm();
      for (const event of events) {
        if (event.kind === 'heartbeat') {
          const { sequence, state } = event;
          vm = hear(vm, sequence, { state, cloud: EC2 });
        } else if (vm.deletion?.dueMs !== undefined)
          vm = { ...vm, deletion: afterDeleteHook(vm.deletion, { ...event, said: '' }, NOW, 0.5) };
        const state = vm.latest?.state;
        // The hook is asked for what has halted, or what the cloud has taken on already.
        if (vm.deletion?.dueMs !== undefined && state !== 'halted')
          expect(vm.deletion.state).toBe('deleting');
        if (state === 'halted') expect(vm.deletion).toBeDefined();
      }
    }),
  );
});

describe('scale-in protection', () => {
  const busy = { payloads: { ok: true, value: 2 } } as const;
  const idle = { payloads: { ok: true, value: 0 } } as const;
  const untold = { payloads: { ok: false, reason: 'failed' } } as const;
  const pilot = { slot: '00', generation: 1, state: 'running', cores: 1 } as const;

  it.each([
    [busy, true],
    [idle, undefined],
    [{ ...untold, pilots: [pilot] }, true],
    [{ ...untold, pilots: [{ ...pilot, state: 'waiting' as const }] }, undefined],
  ])('is wanted while there is work, or nobody knows: %o', (rest, wanted) => {
    const vm = hear(enrolledVm(), 1, { cloud: IN_GROUP, ...rest });
    expect(vm.guard?.wanted).toBe(wanted);
    if (wanted === true) expect(vm.guard?.dueMs).toBe(NOW);
  });

  it.each([
    EC2,
    { ...EC2, groupKind: 'ec2-fleet' },
    { name: 'gce', groupKind: 'zonal-instance-group' },
  ])('is not asked of what cannot spare a VM: %o', cloud => {
    expect(hear(enrolledVm(), 1, { cloud, ...busy }).guard).toBeUndefined();
  });

  it('is taken back once it has been idle for two minutes, and not between two payloads', () => {
    const guard = { wanted: true, isSet: true, attempts: 0, said: '' };
    const working = { ...hear(enrolledVm(), 1, { cloud: IN_GROUP, ...busy }), guard };
    const resting = hear(working, 2, idle);
    expect(resting.guard).toMatchObject({ wanted: false, dueMs: NOW + 120_000 });
    const again = hear(resting, 3, busy);
    expect(again.guard).toMatchObject({ wanted: true, isSet: true });
    expect(again.guard?.dueMs).toBeUndefined();
  });

  it('ends with the VM', () => {
    const vm = hear(enrolledVm(), 1, { cloud: IN_GROUP, ...busy });
    const halted = hear(vm, 2, { state: 'halted' });
    expect(halted.guard).toBeUndefined();
    expect(halted.deletion?.state).toBe('to-be-deleted');
  });
});
