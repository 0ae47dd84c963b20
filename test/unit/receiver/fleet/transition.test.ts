import { describe, expect, it } from 'vitest';
import { VM_STATES } from '../../../../protocol/words.ts';
import { transition } from '../../../../receiver/fleet/transition.ts';
import { heartbeat } from '../../../support/receiver-under-test.ts';
import { enrolledVm, REPORTED, vmIn } from './vm-records.ts';

const vmId = enrolledVm().vmId;
const table = REPORTED.flatMap(from => VM_STATES.map(to => ({ from, to })));

describe('transition', () => {
  it.each(table)('follows the VM from $from to $to', ({ from, to }) => {
    const vm = transition(vmIn(from), {
      vmId,
      heartbeat: heartbeat(6, { state: to, reason: 'because' }),
      receivedMs: 9000,
    });
    expect(vm.latest).toMatchObject({ state: to, reason: 'because', sequence: 6 });
    expect(vm.lastHeardMs).toBe(9000);
    expect(vm.stateSinceMs).toBe(from === to ? 1000 : 9000);
  });

  it.each([4, 5])('lets a late heartbeat (%i after 5) prove life and nothing else', sequence => {
    const before = vmIn('draining');
    const late = heartbeat(sequence, { state: 'running', bootId: 'boot-0' });
    const vm = transition(before, { vmId, heartbeat: late, receivedMs: 9000 });
    expect(vm).toEqual({ ...before, lastHeardMs: 9000 });
  });

  it('never hears a VM earlier than before, should the wall clock go back', () => {
    const before = vmIn('running', { lastHeardMs: 50_000 });
    const vm = transition(before, { vmId, heartbeat: heartbeat(6), receivedMs: 9000 });
    expect(vm.lastHeardMs).toBe(50_000);
  });

  it('keeps pilots, verdicts and readings, but neither logs nor acknowledgements', () => {
    const pilots = [{ slot: 's1', generation: 1, state: 'running' as const, cores: 1 }];
    const verdicts = [{ policy: 'lifetime', action: 'none' as const, because: 'young' }];
    const said = heartbeat(6, {
      pilots,
      verdicts,
      readings: { squid: 'failed', cvmfs: 1 },
      readingAgesMs: { squid: 5000 },
      acknowledged: [{ id: 'd', outcome: 'done', detail: '' }],
      logs: [{ source: 'agent', fromByte: 0, text: 'x' }],
    });
    const { latest } = transition(enrolledVm(), { vmId, heartbeat: said, receivedMs: 2 });
    const readings = { readings: { squid: 'failed', cvmfs: 1 }, readingAgesMs: { squid: 5000 } };
    expect(latest).toMatchObject({ pilots, verdicts, ...readings });
    expect(latest).not.toHaveProperty('logs');
    expect(latest).not.toHaveProperty('acknowledged');
  });
});
