import { describe, expect, it } from 'vitest';
import { LIMITS } from '../../../protocol/limits.ts';
import { startReceiver } from '../../support/receiver-under-test.ts';

const setUp = async () => {
  const receiver = await startReceiver();
  const vm = await receiver.enrol('wn1');
  await vm.beat();
  const ask = (order: object) => receiver.operator('POST', `/v1/vms/wn1/peeks`, order);
  const get = async (id: string) =>
    (await receiver.operator('GET', `/v1/vms/wn1/peeks/${id}`)).body;
  const answer = (id: string, body: object = {}, token = vm.token) => {
    const said = { protocol: 1, unit: '00-3', text: 'PID\n', ...body };
    return receiver.ask('POST', `/v1/peeks/${id}`, { token, body: said });
  };
  const audit = async () => (await receiver.operator('GET', '/v1/peeks')).body.peeks;
  return { receiver, vm, ask, get, answer, audit };
};

describe('a look at a pilot', () => {
  it('goes to its VM, and what was seen to whoever asked; the database keeps who and what', async () => {
    const { vm, ask, get, answer, audit, receiver } = await setUp();
    const asked = await ask({ thing: 'tail', pilot: '00', lines: 5, by: 'ada@desk' });
    expect(asked.status).toBe(201);
    expect(asked.body).toMatchObject({ hostname: 'wn1', state: 'running', vmId: vm.vmId });
    const { id } = asked.body;
    expect(await get(id)).toMatchObject({ status: 'pending', answer: null });
    const expected = { id, kind: 'peek', thing: 'tail', pilot: '00', lines: 5 };
    const { directives } = await vm.beat();
    expect(directives).toEqual([
      { ...expected, reason: '', by: 'ada@desk at 127.0.0.1', expiresInMs: 150_000 },
    ]);
    expect(await get(id)).toMatchObject({ status: 'sent', answer: null });
    expect((await answer(id, { text: 'canary\n', nextByte: 7 })).body).toEqual({ ok: true });
    expect(await get(id)).toMatchObject({
      status: 'done',
      unit: '00-3',
      chars: 7,
      answer: { text: 'canary\n', isCut: false, nextByte: 7 },
    });
    const acknowledged = [{ id, outcome: 'done' as const, detail: '' }];
    expect((await vm.beat({ acknowledged })).directives).toEqual([]);
    const seen = { id, thing: 'tail', pilot: '00', unit: '00-3', status: 'done' };
    expect(await audit()).toMatchObject([{ ...seen, by: 'ada@desk at 127.0.0.1' }]);
    expect(receiver.lines.join('')).not.toContain('canary\\n');
    await receiver.clock.advance(300_000);
    expect(await get(id)).toMatchObject({ status: 'done', answer: null });
  });

  it('makes its VM report often, for a minute', async () => {
    const { vm, ask, receiver } = await setUp();
    expect((await vm.beat()).nextHeartbeatMs).toBe(60_000);
    await ask({ thing: 'ps', pilot: '00' });
    expect((await vm.beat()).nextHeartbeatMs).toBe(2000);
    await receiver.clock.advance(59_999);
    expect((await vm.beat()).nextHeartbeatMs).toBe(2000);
    await receiver.clock.advance(1);
    expect((await vm.beat()).nextHeartbeatMs).toBe(60_000);
  });

  it('tells how long the VM may take', async () => {
    const { ask, vm, receiver } = await setUp();
    await receiver.clock.advance(26_000);
    expect((await ask({ thing: 'ps', pilot: '00' })).body.withinMs).toBe(40_000);
    await vm.beat();
    expect((await ask({ thing: 'ps', pilot: '00' })).body.withinMs).toBe(2000);
  });

  it('that is refused or expires ends so', async () => {
    const { vm, ask, get, receiver } = await setUp();
    const { id } = (await ask({ thing: 'ps', pilot: '00' })).body;
    await vm.beat({ acknowledged: [{ id, outcome: 'refused', detail: 'see peek.allow' }] });
    expect(await get(id)).toMatchObject({ status: 'refused', detail: 'see peek.allow' });
    const late = (await ask({ thing: 'ps', pilot: '00', expiresInMs: 5000 })).body.id;
    await receiver.clock.advance(5000);
    expect(await get(late)).toMatchObject({ status: 'expired' });
    expect((await vm.beat()).directives).toEqual([]);
  });

  it('is answered once, by its own VM', async () => {
    const { ask, get, answer, receiver } = await setUp();
    const other = await receiver.enrol('wn2');
    const { id } = (await ask({ thing: 'ps', pilot: '00' })).body;
    expect((await answer(id, {}, other.token)).status).toBe(404);
    expect((await answer('nothing')).status).toBe(404);
    expect((await answer(id, {}, receiver.operatorToken)).status).toBe(403);
    expect((await answer(id, { text: 'first' })).status).toBe(200);
    expect((await answer(id, { text: 'second' })).status).toBe(404);
    expect((await get(id)).answer.text).toBe('first');
    const elsewhere = await receiver.operator('GET', `/v1/vms/wn2/peeks/${id}`);
    expect(elsewhere.status).toBe(404);
  });

  it.each([
    [{ thing: 'shell', pilot: '00' }, 'thing'],
    [{ thing: 'ps' }, 'pilot'],
    [{ thing: 'ps', pilot: '00; id' }, 'pilot'],
    [{ thing: 'ps', pilot: '00', path: '/etc' }, 'path'],
    [{ thing: 'ls', pilot: '00', lines: 5 }, 'lines'],
    [{ thing: 'ls', pilot: '00', fromByte: 5 }, 'fromByte'],
    [{ thing: 'tail', pilot: '00', lines: LIMITS.peekLines + 1 }, 'lines'],
    [{ thing: 'ls', pilot: '00', path: 'a\0b' }, 'path'],
    [{ thing: 'ps', pilot: '00', command: 'id' }, 'command'],
  ])('is refused when it is not understood: %o', async (order, place) => {
    const { ask, audit } = await setUp();
    const refused = await ask(order);
    expect([refused.status, refused.body.error.code]).toEqual([400, 'bad-request']);
    expect(refused.body.error.message).toContain(place);
    expect(await audit()).toEqual([]);
  });

  it('waits with only so many others', async () => {
    const { ask, vm } = await setUp();
    const ids = [];
    for (let count = 0; count < LIMITS.peeks; count += 1)
      ids.push((await ask({ thing: 'ps', pilot: '00' })).body.id);
    expect((await ask({ thing: 'ps', pilot: '00' })).status).toBe(503);
    await vm.beat({ acknowledged: [{ id: ids[0], outcome: 'done', detail: '' }] });
    expect((await ask({ thing: 'ps', pilot: '00' })).status).toBe(201);
  });
});
