import { describe, expect, it } from 'vitest';
import {
  BUSY,
  EC2,
  IDLE,
  list,
  MINUTE,
  setUp,
  show,
  untilCalled,
  untilState,
} from '../../support/deletion-bed.ts';
import type { FakeCloud } from '../../support/fake-cloud/install.ts';
import { pollUntil } from '../../support/poll-until.ts';

describe('a VM that powers off where that is not its end', () => {
  it('has ended only when the cloud says so', async () => {
    const { receiver, cloud } = await setUp();
    const vm = await receiver.enrol('wn1');
    await vm.beat({ ...BUSY, cloud: EC2 });
    expect(await list(receiver)).toMatchObject({ vms: [] });
    await vm.beat({ state: 'halted', reason: 'lifetime' });
    expect(await show(receiver, vm.vmId)).toMatchObject({
      state: 'to-be-deleted',
      reportedState: 'halted',
      billed: ['EBS volumes', 'elastic addresses'],
      deletion: { cause: 'halted', attempts: 0, nextAttemptAt: expect.any(String) },
      cloud: EC2,
    });
    // It is let power off and send its last logs.
    await receiver.clock.advance(MINUTE - 1);
    expect(cloud.state().calls).toEqual([]);
    await receiver.clock.advance(1);
    await untilState(receiver, vm.vmId, 'deleting');
    expect((await list(receiver)).vms).toMatchObject([{ vmId: vm.vmId, state: 'deleting' }]);
    await receiver.clock.advance(20_000);
    const ended = await untilState(receiver, vm.vmId, 'ended');
    expect(ended).toMatchObject({ billed: [], deletion: { said: 'it is gone' } });
    expect(await list(receiver)).toMatchObject({ vms: [] });
    expect(cloud.state()).toMatchObject({ calls: ['delete i-1', 'delete i-1'], violations: [] });
    const calls = await untilCalled(receiver, vm.vmId, 2);
    expect(calls).toMatchObject([
      { event: 'delete', outcome: 'done', exitCode: 0, detail: 'it is gone' },
      { event: 'delete', outcome: 'asked', exitCode: 10, detail: 'it is being deleted' },
    ]);
    await receiver.clock.advance(24 * 60 * MINUTE);
    expect(cloud.state().calls).toHaveLength(2);
  });

  it('is asked for again after failures, however long that takes', async () => {
    const { receiver, cloud } = await setUp({ script: [75, 1, 127] });
    const vm = await receiver.enrol('wn1');
    await vm.beat({ state: 'halted', cloud: EC2 });
    await receiver.clock.advance(MINUTE);
    for (const [calls, waitMs] of [
      [1, 33_000],
      [2, 66_000],
      [3, 132_000],
    ] as const) {
      await untilCalled(receiver, vm.vmId, calls);
      expect((await show(receiver, vm.vmId)).state).toBe('to-be-deleted');
      await receiver.clock.advance(waitMs);
    }
    await untilState(receiver, vm.vmId, 'deleting');
    await receiver.clock.advance(MINUTE);
    await untilState(receiver, vm.vmId, 'ended');
    expect(cloud.state().violations).toEqual([]);
  });

  it('is never forgotten, whenever the receiver is restarted', async () => {
    const { receiver, cloud, again } = await setUp({ script: [75] });
    const vm = await receiver.enrol('wn1');
    await vm.beat({ state: 'halted', cloud: EC2 });
    await receiver.stop();
    const second = await again();
    expect((await show(second, vm.vmId)).state).toBe('to-be-deleted');
    await second.clock.advance(MINUTE);
    await untilCalled(second, vm.vmId, 1);
    await second.stop();
    const third = await again();
    await third.clock.advance(MINUTE);
    await untilState(third, vm.vmId, 'deleting');
    await third.stop();
    const fourth = await again();
    await fourth.clock.advance(MINUTE);
    await untilState(fourth, vm.vmId, 'ended');
    await fourth.stop();
    const fifth = await again();
    await fifth.clock.advance(60 * MINUTE);
    expect((await show(fifth, vm.vmId)).state).toBe('ended');
    expect(cloud.state()).toMatchObject({ gone: ['i-1'], violations: [] });
    expect(cloud.state().calls).toHaveLength(3);
  });

  it('is let be once it speaks again, and deleted once it halts again', async () => {
    const { receiver, cloud } = await setUp();
    const vm = await receiver.enrol('wn1');
    await vm.beat({ state: 'halted', cloud: EC2 });
    await vm.beat(BUSY);
    await receiver.clock.advance(5 * MINUTE);
    expect((await show(receiver, vm.vmId)).state).toBe('running');
    expect(cloud.state().calls).toEqual([]);
    await vm.beat({ state: 'halted' });
    await receiver.clock.advance(MINUTE);
    await untilState(receiver, vm.vmId, 'deleting');
  });

  it('is not deleted while another VM is at work as the same instance', async () => {
    const { receiver, cloud } = await setUp();
    const old = await receiver.enrol('wn1');
    await old.beat({ state: 'halted', cloud: EC2 });
    const young = await receiver.enrol('wn1-again');
    await young.beat({ ...BUSY, cloud: EC2 });
    await receiver.clock.advance(MINUTE);
    const [call] = await untilCalled(receiver, old.vmId, 1);
    expect(call).toMatchObject({ outcome: 'later', detail: expect.stringContaining(young.vmId) });
    expect(cloud.state().calls).toEqual([]);
    await young.beat({ state: 'halted' });
    // Whichever is asked for first, the other is found to be gone.
    await pollUntil('both have ended', { timeoutMs: 40_000, everyMs: 100 }, async () => {
      await receiver.clock.advance(MINUTE);
      const states = [await show(receiver, old.vmId), await show(receiver, young.vmId)];
      return states.every(({ state }) => state === 'ended') ? true : undefined;
    });
    expect(cloud.state().gone).toEqual(['i-1']);
  });

  it('waits for an operator where it can never be deleted, and says so in the log', async () => {
    const { receiver, cloud } = await setUp({ script: [78] });
    const vm = await receiver.enrol('wn1');
    await vm.beat({ state: 'halted', cloud: EC2 });
    await receiver.clock.advance(MINUTE);
    await untilCalled(receiver, vm.vmId, 1);
    expect(await show(receiver, vm.vmId)).toMatchObject({
      state: 'to-be-deleted',
      deletion: { hasGivenUp: true, nextAttemptAt: null, said: 'scripted 78' },
    });
    expect(receiver.lines.join('')).toContain('a VM cannot be deleted, and may go on being billed');
    await receiver.clock.advance(24 * 60 * MINUTE);
    expect(cloud.state().calls).toHaveLength(1);
    const order = { action: 'delete', by: 'ada@desk' };
    const asked = await receiver.operator('POST', '/v1/vms/wn1/deletion', order);
    expect(asked).toMatchObject({ status: 200, body: { hasHook: true } });
    await untilState(receiver, vm.vmId, 'deleting');
  });

  it('is given up at once where it has not told enough', async () => {
    const { receiver, cloud } = await setUp();
    const vm = await receiver.enrol('wn1');
    await vm.beat({ state: 'halted', cloud: { name: 'ec2', instanceId: 'i-1' } });
    await receiver.clock.advance(MINUTE);
    const [call] = await untilCalled(receiver, vm.vmId, 1);
    expect(call).toMatchObject({ outcome: 'gave-up', detail: expect.stringContaining('region') });
    expect(cloud.state().calls).toEqual([]);
    expect((await list(receiver)).vms).toMatchObject([{ missing: ['region'], commands: [] }]);
  });

  it('without a hook is listed with what deletes it, until somebody says that it is gone', async () => {
    const { receiver } = await setUp({ hasHook: false });
    const vm = await receiver.enrol('wn1');
    await vm.beat({ state: 'halted', cloud: EC2 });
    await receiver.clock.advance(24 * 60 * MINUTE);
    expect(await list(receiver)).toMatchObject({
      hasHook: false,
      vms: [
        {
          state: 'to-be-deleted',
          commands: ['aws ec2 terminate-instances --region eu-west-1 --instance-ids i-1'],
          remedy: expect.stringContaining('--instance-initiated-shutdown-behavior terminate'),
        },
      ],
    });
    const said = { action: 'deleted', by: 'ada@desk', reason: 'console' };
    const ended = await receiver.operator('POST', '/v1/vms/wn1/deletion', said);
    expect(ended.body.deletion).toMatchObject({
      state: 'ended',
      said: 'said to be gone by ada@desk at 127.0.0.1: console',
    });
    expect(await list(receiver)).toMatchObject({ vms: [] });
    const [call] = await untilCalled(receiver, vm.vmId, 1);
    expect(call).toMatchObject({ event: 'said-deleted', outcome: null });
  });

  it.each([[undefined], [{ name: 'nocloud' }], [{ ...EC2, powerOffDeletes: true }]])(
    'has halted, and no more, where its end is the end: %o',
    async cloud => {
      const { receiver } = await setUp();
      const vm = await receiver.enrol('wn1');
      await vm.beat({ state: 'halted', ...(cloud === undefined ? {} : { cloud }) });
      expect(await show(receiver, vm.vmId)).toMatchObject({ state: 'halted', deletion: null });
    },
  );
});

describe('a VM of a group', () => {
  const IN_GROUP = { ...EC2, groupKind: 'auto-scaling-group', group: 'wn' };
  const untilSpared = (cloud: FakeCloud, isSpared: boolean) =>
    pollUntil('it is spared or not', { timeoutMs: 20_000, everyMs: 20 }, async () =>
      cloud.state().instances['i-1']?.isSpared === isSpared ? true : undefined,
    );

  it('is spared while it is busy, and deleted before its group replaces it', async () => {
    const { receiver, cloud } = await setUp();
    const vm = await receiver.enrol('wn1');
    await vm.beat({ ...IDLE, cloud: IN_GROUP });
    await vm.beat(BUSY);
    await untilSpared(cloud, true);
    await untilCalled(receiver, vm.vmId, 1);
    expect(await show(receiver, vm.vmId)).toMatchObject({ isSpared: true });
    await vm.beat(IDLE);
    await receiver.clock.advance(MINUTE);
    expect(cloud.state().calls).toEqual(['protect i-1']);
    await receiver.clock.advance(MINUTE);
    await untilSpared(cloud, false);
    await untilCalled(receiver, vm.vmId, 2);
    await vm.beat({ state: 'halted' });
    await receiver.clock.advance(5000);
    await untilState(receiver, vm.vmId, 'deleting');
    expect(cloud.state().violations).toEqual([]);
  });
});
