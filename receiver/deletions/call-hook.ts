import type { Clock } from '../../platform/clock.ts';
import type { Exec } from '../../platform/exec.ts';
import { afterDeleteHook } from '../fleet/deletion.ts';
import { missingFor } from '../fleet/power-off.ts';
import { afterGuardHook } from '../fleet/scale-in-guard.ts';
import type { VmRecord } from '../fleet/vm-record.ts';
import type { Storage } from '../storage/storage.ts';
import type { HookEvent, HookRecord } from './hook-record.ts';
import { hookRequest } from './hook-request.ts';
import { type HookAnswer, type HookConfig, runHook } from './run-hook.ts';

export interface CallPorts {
  clock: Clock;
  exec: Exec;
  storage: Storage;
  random: () => number;
}

export interface HookCall {
  event: HookEvent;
  answer: HookAnswer;
  tookMs: number;
}

const eventOf = ({ deletion, guard }: VmRecord): HookEvent =>
  deletion !== undefined ? 'delete' : guard?.wanted === true ? 'protect' : 'unprotect';

const unasked = (outcome: 'later' | 'gave-up', said: string): HookAnswer => ({
  ...{ outcome, said, output: said },
});

/** Another VM that is at work says that it is this very instance: a copy, a lie, or a second life. */
const otherClaimant = async (
  vm: VmRecord,
  storage: Storage,
  heardAfterMs: number,
): Promise<VmRecord | undefined> => {
  const cloud = vm.latest?.cloud;
  if (cloud?.instanceId === undefined) return undefined;
  const claimants = await storage.claimants(cloud.name, cloud.instanceId);
  return claimants.find(
    other =>
      other.vmId !== vm.vmId &&
      other.latest?.state !== 'halted' &&
      other.deletion === undefined &&
      other.lastHeardMs > heardAfterMs,
  );
};

/** What speaks against deleting it now; nothing if the hook may be asked. */
const objection = async (
  vm: VmRecord,
  storage: Storage,
  heardAfterMs: number,
): Promise<HookAnswer | undefined> => {
  const missing = missingFor(vm.latest?.cloud ?? { name: '' });
  if (missing.length > 0)
    return unasked('gave-up', `the VM has not told its ${missing.join(', ')}: delete it by hand`);
  const other = await otherClaimant(vm, storage, heardAfterMs);
  if (other === undefined) return undefined;
  const said = `VM ${other.vmId} is at work as the same instance, so it is not deleted`;
  return unasked('later', said);
};

/** The record after a call that was made for `asked`, which may have changed meanwhile. */
const follow = (
  now: VmRecord,
  asked: VmRecord,
  { event, answer }: Pick<HookCall, 'event' | 'answer'>,
  nowMs: number,
  random: number,
): VmRecord => {
  if (event !== 'delete') {
    if (now.guard === undefined) return now;
    const guard = afterGuardHook(now.guard, event === 'protect', answer, nowMs, random);
    return { ...now, guard };
  }
  // If it spoke meanwhile, only what the cloud has taken on already counts.
  const isOff = now.deletion === undefined && ['later', 'gave-up'].includes(answer.outcome);
  const deletion = now.deletion ?? asked.deletion;
  if (deletion === undefined || isOff) return now;
  const { guard: _, ...rest } = now;
  return { ...rest, deletion: afterDeleteHook(deletion, answer, nowMs, random) };
};

/**
 * Calls the hook for what a VM is due for, and keeps what came of it. A call that was broken off because the receiver
 * stops is not kept (`undefined`): the next receiver makes it again.
 */
export const callHook = async (
  { clock, exec, storage, random }: CallPorts,
  vm: VmRecord,
  { config, stallAfterMs }: { config: HookConfig; stallAfterMs: number },
  signal: AbortSignal,
): Promise<HookCall | undefined> => {
  const event = eventOf(vm);
  const atMs = clock.wallMs();
  const began = clock.monotonicMs();
  const against =
    event === 'delete' ? await objection(vm, storage, atMs - stallAfterMs) : undefined;
  const answer = against ?? (await runHook(exec, config, event, hookRequest(vm, event), signal));
  if (signal.aborted && answer.exitCode === undefined) return undefined;
  const tookMs = Math.round(clock.monotonicMs() - began);
  const { outcome, exitCode, output } = answer;
  const record: HookRecord = {
    ...{ vmId: vm.vmId, event, atMs, tookMs, outcome, detail: output },
    ...(exitCode === undefined ? {} : { exitCode }),
  };
  const change = (now: VmRecord): VmRecord =>
    follow(now, vm, { event, answer }, clock.wallMs(), random());
  await storage.changeVm(vm.vmId, change, record);
  return { event, answer, tookMs };
};
