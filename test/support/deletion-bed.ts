import type { CloudWord } from '../../protocol/cloud.ts';
import { type FakeCloud, installFakeCloud } from './fake-cloud/install.ts';
import { pollUntil } from './poll-until.ts';
import { createTestFolder, type ReceiverUnderTest, startReceiver } from './receiver-under-test.ts';

export const EC2: CloudWord = { name: 'ec2', instanceId: 'i-1', region: 'eu-west-1' };
export const BUSY = { state: 'running', payloads: { ok: true, value: 1 } } as const;
export const IDLE = { state: 'running', payloads: { ok: true, value: 0 } } as const;
export const MINUTE = 60_000;

const hookOf = ({ program }: FakeCloud) => ({
  program,
  timeoutMs: 20_000,
  env: { PATH: '/usr/bin:/bin' },
});

interface Setting {
  instances?: Parameters<typeof installFakeCloud>[1];
  script?: number[];
  lostAfterMs?: number;
  hasHook?: boolean;
}

export const setUp = async ({
  instances = { 'i-1': {} },
  script,
  lostAfterMs,
  hasHook,
}: Setting = {}) => {
  const folder = createTestFolder();
  const cloud = installFakeCloud(folder, instances, script);
  const hook = hasHook === false ? undefined : hookOf(cloud);
  const config = { deletions: { hook, lostAfterMs } };
  const receiver = await startReceiver({ folder, config });
  const again = (): Promise<ReceiverUnderTest> =>
    startReceiver({ folder, config, clock: receiver.clock });
  return { receiver, cloud, again };
};

export const show = async (receiver: ReceiverUnderTest, vmId: string) =>
  (await receiver.operator('GET', `/v1/vms/${vmId}`)).body;
export const untilState = (receiver: ReceiverUnderTest, vmId: string, state: string) =>
  pollUntil(`the VM is ${state}`, { timeoutMs: 20_000, everyMs: 20 }, async () => {
    const vm = await show(receiver, vmId);
    return vm.state === state ? vm : undefined;
  });
export const untilCalled = (receiver: ReceiverUnderTest, vmId: string, count: number) =>
  pollUntil(`${count} calls are noted`, { timeoutMs: 20_000, everyMs: 20 }, async () => {
    const { calls } = (await receiver.operator('GET', `/v1/vms/${vmId}/deletion`)).body;
    return calls.length >= count ? calls : undefined;
  });
export const list = async (receiver: ReceiverUnderTest) =>
  (await receiver.operator('GET', '/v1/deletions')).body;
