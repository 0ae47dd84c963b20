import { describe, expect, it } from 'vitest';
import { startReceiver } from '../../support/receiver-under-test.ts';

const setUp = async () => {
  const receiver = await startReceiver();
  const vm = await receiver.enrol('wn1');
  const show = async () => (await receiver.operator('GET', `/v1/vms/${vm.vmId}`)).body;
  const history = async () =>
    (await receiver.operator('GET', `/v1/vms/${vm.vmId}/history`)).body.history.map(
      (entry: { sequence: number; bootId: string; state: string }) =>
        `${entry.bootId} ${entry.sequence} ${entry.state}`,
    );
  return { receiver, vm, show, history };
};

describe('heartbeats', () => {
  it('make the VM what it says it is', async () => {
    const { vm, show, receiver } = await setUp();
    expect(await show()).toMatchObject({
      state: 'enrolled',
      reportedState: null,
      load: null,
      uptimeMs: null,
    });
    await vm.beat({
      state: 'running',
      reason: 'all is well',
      pilots: [
        { slot: 's1', generation: 1, state: 'running', cores: 4 },
        { slot: 's2', generation: 3, state: 'waiting', cores: 4, lastExit: 'exit 1' },
      ],
      verdicts: [{ policy: 'lifetime', action: 'none', because: 'young' }],
    });
    await receiver.clock.advance(5000);
    expect(await show()).toMatchObject({
      vmId: vm.vmId,
      state: 'running',
      reason: 'all is well',
      hostname: 'wn1',
      instanceId: 'i-wn1',
      site: 'CERN',
      image: null,
      cores: 8,
      pilotsRunning: 1,
      load: { ok: true, value: 0.5 },
      payloads: { ok: false, reason: 'no-data' },
      lastHeardAgeMs: 5000,
      verdicts: [{ policy: 'lifetime' }],
      pilots: [{ slot: 's1' }, { slot: 's2', lastExit: 'exit 1' }],
    });
  });

  it('change nothing when they are repeated', async () => {
    const { vm, show, history } = await setUp();
    await vm.beat({ sequence: 7, state: 'running' });
    const before = await show();
    await vm.beat({
      sequence: 7,
      state: 'failed',
      logs: [{ source: 'agent', fromByte: 0, text: 'x' }],
    });
    expect(await show()).toEqual(before);
    expect(await history()).toEqual(['boot-1 7 running']);
  });

  it('leave newer words as they are when they come late, and stand in the history', async () => {
    const { vm, show, history } = await setUp();
    await vm.beat({ sequence: 9, state: 'draining' });
    await vm.beat({ sequence: 8, state: 'running' });
    expect(await show()).toMatchObject({ state: 'draining', sequence: 9 });
    expect(await history()).toEqual(['boot-1 9 draining', 'boot-1 8 running']);
  });

  it('are told apart by boot', async () => {
    const { vm, history } = await setUp();
    await vm.beat({ sequence: 1, bootId: 'boot-1' });
    await vm.beat({ sequence: 2, bootId: 'boot-2' });
    expect(await history()).toEqual(['boot-2 2 running', 'boot-1 1 running']);
  });

  it('keep a VM from stalling; silence stalls it, unless it halted', async () => {
    const { receiver, vm, show } = await setUp();
    await vm.beat({ state: 'running' });
    await receiver.clock.advance(599_999);
    expect((await show()).state).toBe('running');
    await receiver.clock.advance(1);
    expect(await show()).toMatchObject({ state: 'stalled', reportedState: 'running' });
    await vm.beat({ state: 'halted', reason: 'idle' });
    await receiver.clock.advance(100 * 600_000);
    expect(await show()).toMatchObject({ state: 'halted', reason: 'idle' });
  });

  it('say when they stalled who never spoke at all', async () => {
    const { receiver, show } = await setUp();
    await receiver.clock.advance(600_000);
    expect((await show()).state).toBe('stalled');
    const stalled = await receiver.operator('GET', '/v1/vms?state=stalled');
    expect(stalled.body.vms).toHaveLength(1);
    expect((await receiver.operator('GET', '/v1/vms?state=enrolled')).body.vms).toHaveLength(0);
  });

  it('may hold what a newer agent adds', async () => {
    const { vm, show } = await setUp();
    const newer = { futureField: { deep: [1] }, load: { ok: true, value: 2, unit: 'x' } } as object;
    await vm.beat(newer);
    expect((await show()).load).toEqual({ ok: true, value: 2 });
  });

  it('are logged when the state changes, not otherwise', async () => {
    const { vm, receiver } = await setUp();
    await vm.beat({ state: 'running' });
    await vm.beat({ state: 'running' });
    await vm.beat({ state: 'halting', reason: 'told so' });
    const changes = receiver.lines.filter(line => line.includes('VM changed state'));
    expect(changes.map(line => JSON.parse(line))).toMatchObject([
      { vmId: vm.vmId, from: 'enrolled', to: 'running' },
      { vmId: vm.vmId, from: 'running', to: 'halting', reason: 'told so' },
    ]);
  });
});

describe('the list', () => {
  it('comes in pages, sorted, filtered by state', async () => {
    const receiver = await startReceiver();
    const vms = [];
    for (let n = 0; n < 5; n += 1) {
      vms.push(await receiver.enrol(`wn${n}`));
      await receiver.clock.advance(1);
    }
    await vms[2]?.beat({ state: 'draining' });
    const hosts: string[] = [];
    for (let cursor = ''; ; ) {
      const query = cursor === '' ? '' : `&cursor=${cursor}`;
      const { body } = await receiver.operator('GET', `/v1/vms?limit=2${query}`);
      hosts.push(...body.vms.map((vm: { hostname: string }) => vm.hostname));
      if (body.nextCursor === null) break;
      cursor = body.nextCursor;
    }
    expect(hosts).toEqual(['wn0', 'wn1', 'wn2', 'wn3', 'wn4']);
    const draining = await receiver.operator('GET', '/v1/vms?state=draining');
    expect(draining.body.vms).toMatchObject([{ hostname: 'wn2' }]);
  });

  it.each(['limit=0', 'limit=1001', 'limit=x', 'state=asleep', 'colour=blue'])(
    'refuses ?%s by name',
    async query => {
      const { operator } = await startReceiver();
      const answer = await operator('GET', `/v1/vms?${query}`);
      expect(answer.status).toBe(400);
      expect(answer.body.error.message).toContain(query.split('=')[0]);
    },
  );

  it('is asked for one VM by id, instance id, hostname or a beginning that is one VM’s alone', async () => {
    const { enrol, operator, clock } = await startReceiver();
    const { vmId } = await enrol('wn1.example');
    await clock.advance(1);
    await enrol('wn2.example');
    for (const key of [vmId, 'wn1', 'i-wn1', 'wn1.example']) {
      const found = await operator('GET', `/v1/vms/${key}`);
      expect(found.body.vmId).toBe(vmId);
    }
    const many = await operator('GET', '/v1/vms/wn');
    expect([many.status, many.body.error.code]).toEqual([400, 'bad-request']);
    expect(many.body.error.message).toMatch(/several VMs.*wn1\.example.*wn2\.example/);
    expect((await operator('GET', '/v1/vms/wn3')).status).toBe(404);
    expect((await operator('GET', `/v1/vms/${'x'.repeat(2000)}`)).status).toBe(404);
    expect((await operator('GET', `/v1/vms/${encodeURIComponent('../%_*"')}`)).status).toBe(404);
  });
});
