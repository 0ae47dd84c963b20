import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { HookRecord } from '../../../../receiver/deletions/hook-record.ts';
import { endDeletion, openDeletion } from '../../../../receiver/fleet/deletion.ts';
import { transition } from '../../../../receiver/fleet/transition.ts';
import type { VmRecord } from '../../../../receiver/fleet/vm-record.ts';
import { createSqliteStorage } from '../../../../receiver/storage/sqlite-storage.ts';
import { KEPT_HOOK_CALLS } from '../../../../receiver/storage/storage.ts';
import { createNonce, createTestFolder, heartbeat } from '../../../support/receiver-under-test.ts';

const open = async (vms: readonly string[]) => {
  const file = join(createTestFolder(), 'fleet.db');
  const storage = createSqliteStorage(file);
  onTestFinished(() => storage.close());
  for (const vmId of vms)
    await storage.enrol({
      ...{ vmId, nonce: createNonce(), tokenHash: randomBytes(32), agentVersion: '1' },
      identity: { instanceId: `i-${vmId}`, hostname: vmId },
      enrolledMs: 1000,
    });
  return storage;
};
const toBeDeleted =
  (dueMs: number) =>
  (vm: VmRecord): VmRecord => ({ ...vm, deletion: openDeletion('halted', 0, dueMs) });
const call = (vmId: string, atMs: number): HookRecord => ({
  ...{ vmId, event: 'delete', atMs, tookMs: 5, outcome: 'later', exitCode: 75, detail: 'no' },
});

describe('what is due', () => {
  it('comes in its order, of deletions and of guards, until it is over', async () => {
    const storage = await open(['a', 'b', 'c']);
    const guard = { wanted: true, dueMs: 20, attempts: 0, said: '' };
    await storage.changeVm('a', toBeDeleted(30));
    await storage.changeVm('b', toBeDeleted(10));
    await storage.changeVm('c', vm => ({ ...vm, guard }));
    const due = async () => (await storage.dueHooks(10)).map(({ vmId }) => vmId);
    expect(await due()).toEqual(['b', 'c', 'a']);
    expect((await storage.dueHooks(1)).map(({ vmId }) => vmId)).toEqual(['b']);
    expect((await storage.vm('c'))?.guard).toEqual(guard);
    await storage.changeVm('b', vm => ({
      ...vm,
      deletion: endDeletion(openDeletion('halted', 0), '', 9),
    }));
    await storage.changeVm('c', ({ guard: _, ...vm }) => vm);
    expect(await due()).toEqual(['a']);
    expect(await storage.changeVm('nobody', toBeDeleted(1))).toBeUndefined();
  });

  it('stays as it is while heartbeats come that do not change it', async () => {
    const storage = await open(['a']);
    await storage.changeVm('a', toBeDeleted(30));
    const arrival = { vmId: 'a', heartbeat: heartbeat(1), receivedMs: 2000 };
    await storage.recordHeartbeat(arrival, transition);
    expect((await storage.vm('a'))?.deletion).toEqual(openDeletion('halted', 0, 30));
  });
});

it('knows which VMs say that they are the same instance, of the same cloud', async () => {
  const storage = await open(['a', 'b', 'c', 'd']);
  const clouds = { a: ['ec2', 'i-1'], b: ['ec2', 'i-1'], c: ['gce', 'i-1'], d: ['ec2', 'i-2'] };
  for (const [vmId, [name = '', instanceId = '']] of Object.entries(clouds)) {
    const message = heartbeat(1, { cloud: { name, instanceId } });
    await storage.recordHeartbeat({ vmId, heartbeat: message, receivedMs: 2000 }, transition);
  }
  const found = await storage.claimants('ec2', 'i-1');
  expect(found.map(({ vmId }) => vmId)).toEqual(['a', 'b']);
  expect(await storage.countVms({ hasCloud: true })).toBe(4);
  expect(await storage.countVms({ hasCloud: true, heardAfterMs: 2000 })).toBe(0);
});

it('keeps the first call of a hook and so many of the last, of each VM', async () => {
  const storage = await open(['a', 'b']);
  await storage.changeVm('b', vm => vm, call('b', 7));
  for (let n = 1; n <= KEPT_HOOK_CALLS + 10; n += 1)
    await storage.changeVm('a', vm => vm, call('a', n));
  const kept = (await storage.listHookCalls('a', 1000)).map(({ atMs }) => atMs);
  expect([kept.length, kept[0], kept.at(-2), kept.at(-1)]).toEqual([
    ...[KEPT_HOOK_CALLS + 1, KEPT_HOOK_CALLS + 10, 11, 1],
  ]);
  expect(await storage.listHookCalls('b', 5)).toEqual([call('b', 7)]);
  const said = { ...call('b', 8), event: 'said-deleted' as const };
  const { outcome: _, exitCode: __, ...rest } = said;
  await storage.changeVm('b', vm => vm, rest);
  expect((await storage.listHookCalls('b', 1))[0]).toEqual(rest);
});
