import { describe, expect, it } from 'vitest';
import { startReceiver } from '../../support/receiver-under-test.ts';

const HOUR = 3_600_000;

const setUp = async () => {
  const receiver = await startReceiver();
  const vm = await receiver.enrol('wn1');
  const give = (order: object, key = vm.vmId) =>
    receiver.operator('POST', `/v1/vms/${key}/directives`, order);
  const list = async () =>
    (await receiver.operator('GET', `/v1/vms/${vm.vmId}/directives`)).body.directives;
  return { receiver, vm, give, list };
};

describe('directives', () => {
  it('are given, repeated until they are acknowledged, and then no more', async () => {
    const { vm, give, list, receiver } = await setUp();
    await vm.beat();
    const given = await give({ kind: 'halt', reason: 'campaign over' }, 'wn1');
    expect(given.status).toBe(201);
    expect(given.body).toEqual({
      id: expect.any(String),
      vmId: vm.vmId,
      hostname: 'wn1',
      state: 'running',
    });
    const { id } = given.body;
    expect(await list()).toMatchObject([{ id, status: 'pending', firstSentAt: null }]);

    const expected = {
      ...{ id, kind: 'halt', mode: 'graceful', reason: 'campaign over' },
      by: '127.0.0.1',
    };
    expect((await vm.beat()).directives).toEqual([{ ...expected, expiresInMs: 24 * HOUR }]);
    await receiver.clock.advance(HOUR);
    expect((await vm.beat()).directives).toEqual([{ ...expected, expiresInMs: 23 * HOUR }]);
    expect(await list()).toMatchObject([
      { status: 'sent', firstSentAt: '2026-01-01T00:00:00.000Z' },
    ]);

    const acknowledged = [{ id, outcome: 'done' as const, detail: 'halting' }];
    expect((await vm.beat({ acknowledged })).directives).toEqual([]);
    expect(await list()).toMatchObject([
      { status: 'done', detail: 'halting', acknowledgedAt: '2026-01-01T01:00:00.000Z' },
    ]);
  });

  it('keep a drain’s deadline where the operator put it', async () => {
    const { vm, give, receiver } = await setUp();
    await give({ kind: 'drain', deadlineMs: 30 * 60_000 });
    await receiver.clock.advance(10 * 60_000);
    expect((await vm.beat()).directives).toMatchObject([
      { kind: 'drain', deadlineMs: 20 * 60_000 },
    ]);
    await receiver.clock.advance(HOUR);
    expect((await vm.beat()).directives).toMatchObject([{ kind: 'drain', deadlineMs: 0 }]);
  });

  it('expire', async () => {
    const { vm, give, list, receiver } = await setUp();
    await give({ kind: 'undrain', expiresInMs: 1000 });
    await receiver.clock.advance(999);
    expect((await vm.beat()).directives).toHaveLength(1);
    await receiver.clock.advance(1);
    expect((await vm.beat()).directives).toEqual([]);
    expect(await list()).toMatchObject([{ status: 'expired' }]);
  });

  it.each(['expired', 'unknown-kind', 'refused'] as const)(
    'are over when the VM says %s',
    async outcome => {
      const { vm, give, list } = await setUp();
      const { id } = (await give({ kind: 'drain' })).body;
      const answer = await vm.beat({ acknowledged: [{ id, outcome, detail: 'why' }] });
      expect(answer.directives).toEqual([]);
      expect(await list()).toMatchObject([{ status: outcome, detail: 'why' }]);
    },
  );

  it('hold on to the first word on them', async () => {
    const { vm, give, list } = await setUp();
    const { id } = (await give({ kind: 'drain' })).body;
    await vm.beat({ acknowledged: [{ id, outcome: 'done', detail: 'first' }] });
    await vm.beat({ acknowledged: [{ id, outcome: 'refused', detail: 'second' }] });
    expect(await list()).toMatchObject([{ status: 'done', detail: 'first' }]);
  });

  it('are sent in the order in which they were given', async () => {
    const { vm, give } = await setUp();
    for (const kind of ['drain', 'undrain', 'drain', 'halt']) await give({ kind });
    const { directives } = await vm.beat();
    expect(directives.map(({ kind }) => kind)).toEqual(['drain', 'undrain', 'drain', 'halt']);
  });

  it('are for one VM: no other sees them, nor can answer for it', async () => {
    const { receiver, vm, give, list } = await setUp();
    const other = await receiver.enrol('wn2');
    const { id } = (await give({ kind: 'halt' })).body;
    const answer = await other.beat({ acknowledged: [{ id, outcome: 'done', detail: '' }] });
    expect(answer.directives).toEqual([]);
    expect(await list()).toMatchObject([{ status: 'pending' }]);
    expect((await vm.beat()).directives).toMatchObject([{ id }]);
  });

  it.each<object>([
    { kind: 'end-pilot', pilot: '00-3', mode: 'now', restart: false },
    { kind: 'signal', signal: 'USR1' },
    { kind: 'collect-logs', of: 'agent' },
    { kind: 'pace', everyMs: 5000, forMs: HOUR },
    { kind: 'rediscover-squids' },
    { kind: 'reload-context' },
  ])('of every kind reach the VM, and who gave them stays known: %o', async wish => {
    const { vm, give, list, receiver } = await setUp();
    const { id } = (await give({ ...wish, reason: 'why', by: 'ada@desk' })).body;
    const by = 'ada@desk at 127.0.0.1';
    expect((await vm.beat()).directives).toMatchObject([{ ...wish, id, by, reason: 'why' }]);
    await vm.beat({ acknowledged: [{ id, outcome: 'refused', detail: 'not here' }] });
    const known = { id, wish, by, reason: 'why', status: 'refused', detail: 'not here' };
    expect(await list()).toMatchObject([known]);
    const all = await receiver.operator('GET', '/v1/directives?limit=5');
    expect(all.body.directives).toMatchObject([{ ...known, vmId: vm.vmId }]);
    const said = receiver.lines.find(line => line.includes(`"id":"${id}"`)) ?? '';
    expect(JSON.parse(said)).toMatchObject({ ...wish, by });
  });

  it('set no pace at which a VM would count as stalled', async () => {
    const { give, list } = await setUp();
    const pace = { kind: 'pace', forMs: HOUR };
    const answer = await give({ ...pace, everyMs: 300_001 });
    expect([answer.status, answer.body.error.message]).toEqual([
      400,
      expect.stringContaining('would count as stalled'),
    ]);
    expect(await list()).toEqual([]);
    expect((await give({ ...pace, everyMs: 300_000 })).status).toBe(201);
  });

  it.each([
    [{ kind: 'explode' }, 'kind'],
    [{}, 'kind'],
    [{ kind: 'drain', deadline: 5 }, 'deadline'],
    [{ kind: 'drain', deadlineMs: -1 }, 'deadlineMs'],
    [{ kind: 'halt', mode: 'softly' }, 'mode'],
    [{ kind: 'halt', reason: 'x'.repeat(2001) }, 'reason'],
    [{ kind: 'drain', expiresInMs: 1e300 }, 'expiresInMs'],
  ])('are refused when they are not understood: %o', async (order, place) => {
    const { give, list } = await setUp();
    const answer = await give(order);
    expect([answer.status, answer.body.error.code]).toEqual([400, 'bad-request']);
    expect(answer.body.error.message).toContain(place);
    expect(await list()).toEqual([]);
  });

  it('need a VM', async () => {
    const { give } = await setUp();
    expect((await give({ kind: 'halt' }, 'nobody')).status).toBe(404);
  });
});
