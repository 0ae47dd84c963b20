import { describe, expect, it } from 'vitest';
import { BUSY, EC2, list, MINUTE, setUp, show, untilState } from '../../support/deletion-bed.ts';

describe('a VM that goes silent', () => {
  const HOUR = 60 * MINUTE;

  it('is listed with what is known of it, and not deleted unless the operator wants that', async () => {
    const { receiver, cloud } = await setUp();
    const vm = await receiver.enrol('wn1');
    await vm.beat({ ...BUSY, cloud: EC2 });
    await receiver.clock.advance(24 * HOUR);
    expect((await list(receiver)).vms).toMatchObject([
      {
        state: 'stalled',
        billed: ['perhaps all of it', 'EBS volumes', 'elastic addresses'],
        cloud: EC2,
        deletion: null,
        commands: [expect.stringContaining('i-1')],
      },
    ]);
    expect(cloud.state().calls).toEqual([]);
    const order = { action: 'delete', by: 'ada@desk' };
    await receiver.operator('POST', '/v1/vms/wn1/deletion', order);
    await untilState(receiver, vm.vmId, 'deleting');
  });

  it('is deleted after the time that the operator has set', async () => {
    const { receiver, cloud } = await setUp({ lostAfterMs: 2 * HOUR });
    const vm = await receiver.enrol('wn1');
    await vm.beat({ ...BUSY, cloud: EC2 });
    await receiver.clock.advance(2 * HOUR - MINUTE);
    expect((await show(receiver, vm.vmId)).state).toBe('stalled');
    await receiver.clock.advance(2 * MINUTE);
    expect(await untilState(receiver, vm.vmId, 'deleting')).toMatchObject({
      deletion: { cause: 'lost' },
    });
    await receiver.clock.advance(MINUTE);
    await untilState(receiver, vm.vmId, 'ended');
    expect(cloud.state().violations).toEqual([]);
  });

  it('is not, where it is rather the receiver that hears nobody', async () => {
    const { receiver, cloud } = await setUp({ lostAfterMs: 2 * HOUR });
    for (const name of ['1', '2', '3']) {
      const vm = await receiver.enrol(`wn${name}`);
      await vm.beat({ ...BUSY, cloud: { ...EC2, instanceId: `i-${name}` } });
    }
    await receiver.clock.advance(24 * HOUR);
    expect((await list(receiver)).vms.map(({ state }: { state: string }) => state)).toEqual([
      ...['stalled', 'stalled', 'stalled'],
    ]);
    expect(receiver.lines.join('')).toContain('it may be the receiver that hears nobody');
    expect(cloud.state().calls).toEqual([]);
  });

  it('is not for the time in which no receiver ran', async () => {
    const { receiver, cloud, again } = await setUp({ lostAfterMs: 2 * HOUR });
    const vm = await receiver.enrol('wn1');
    await vm.beat({ ...BUSY, cloud: EC2 });
    await receiver.stop();
    await receiver.clock.advance(24 * HOUR);
    const second = await again();
    await second.clock.advance(HOUR);
    expect((await show(second, vm.vmId)).state).toBe('stalled');
    expect(cloud.state().calls).toEqual([]);
  });
});

describe('an operator', () => {
  it.each(['delete', 'deleted'])('cannot %s what speaks', async action => {
    const { receiver } = await setUp();
    const vm = await receiver.enrol('wn1');
    await vm.beat({ ...BUSY, cloud: EC2 });
    const refused = await receiver.operator('POST', '/v1/vms/wn1/deletion', { action });
    expect(refused).toMatchObject({
      status: 400,
      body: { error: { message: expect.stringContaining('halt it first') } },
    });
  });

  it.each([{}, { action: 'undelete' }, { action: 'delete', force: true }])(
    'is refused what is not understood: %o',
    async order => {
      const { receiver } = await setUp();
      await receiver.enrol('wn1');
      expect((await receiver.operator('POST', '/v1/vms/wn1/deletion', order)).status).toBe(400);
    },
  );

  it('is the only one who may ask', async () => {
    const { receiver } = await setUp();
    const { token } = await receiver.enrol('wn1');
    for (const path of ['/v1/deletions', '/v1/vms/wn1/deletion'])
      expect((await receiver.ask('GET', path, { token })).status).toBe(403);
    const body = { action: 'deleted' };
    expect((await receiver.ask('POST', '/v1/vms/wn1/deletion', { token, body })).status).toBe(403);
  });
});
