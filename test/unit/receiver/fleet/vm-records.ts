import { VM_STATES, type VmState } from '../../../../protocol/words.ts';
import type { VmRecord } from '../../../../receiver/fleet/vm-record.ts';
import { heartbeat } from '../../../support/receiver-under-test.ts';

export const enrolledVm = (rest: Partial<VmRecord> = {}): VmRecord => ({
  vmId: '01900000-0000-7000-8000-000000000001',
  identity: { instanceId: 'i-1', hostname: 'wn1' },
  agentVersion: '0.1.0',
  enrolledMs: 1000,
  lastHeardMs: 1000,
  stateSinceMs: 1000,
  ...rest,
});

export const vmIn = (state: VmState | undefined, rest: Partial<VmRecord> = {}): VmRecord => {
  if (state === undefined) return enrolledVm(rest);
  const { acknowledged, logs, protocol, ...latest } = heartbeat(5, { state });
  return enrolledVm({ latest, ...rest });
};

export const REPORTED: readonly (VmState | undefined)[] = [undefined, ...VM_STATES];
