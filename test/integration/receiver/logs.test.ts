import { DatabaseSync } from 'node:sqlite';
import { describe, expect, it } from 'vitest';
import { createTestFolder, startReceiver } from '../../support/receiver-under-test.ts';

it('keeps the logs of a VM, by source and byte', async () => {
  const receiver = await startReceiver();
  const vm = await receiver.enrol('wn1');
  const logs = (query = '') => receiver.operator('GET', `/v1/vms/wn1/logs${query}`);
  expect((await logs()).body).toEqual({ vmId: vm.vmId, sources: [] });
  await vm.beat({
    logs: [
      { source: 'agent', fromByte: 0, text: 'grüße\n' },
      { source: 's1.1.err', fromByte: 40, text: 'boom' },
    ],
  });
  await vm.beat({ logs: [{ source: 'agent', fromByte: 2, text: 'üße\nmore\n' }] });
  expect((await logs()).body.sources).toEqual([
    { source: 'agent', fromByte: 0, toByte: 13, updatedAt: '2026-01-01T00:00:00.000Z' },
    { source: 's1.1.err', fromByte: 40, toByte: 44, updatedAt: '2026-01-01T00:00:00.000Z' },
  ]);
  const agent = { vmId: vm.vmId, source: 'agent' };
  expect((await logs('?source=agent')).body).toEqual({
    ...agent,
    ...{ fromByte: 0, nextByte: 13, text: 'grüße\nmore\n' },
  });
});

describe('logs between two heartbeats', () => {
  const piece = { source: '00-1.out', fromByte: 0, text: 'last words\n' };
  const post = { protocol: 1, bootId: 'boot-1', logs: [piece] };

  it('are kept like those of heartbeats, and leave no heartbeat in the history', async () => {
    const receiver = await startReceiver();
    const vm = await receiver.enrol('wn1');
    const { logs } = await vm.beat();
    expect(logs).toEqual({ everyMs: 3000, bytes: 65_536, askMs: 10_000 });
    const { token } = vm;
    const answer = await receiver.ask('POST', '/v1/logs', { token, body: post });
    expect([answer.status, answer.body]).toEqual([200, { logs, directives: [] }]);
    await receiver.ask('POST', '/v1/logs', { token, body: post });
    const kept = await receiver.operator('GET', '/v1/vms/wn1/logs?source=00-1.out');
    expect(kept.body).toMatchObject({ fromByte: 0, nextByte: 11, text: 'last words\n' });
    const { body } = await receiver.operator('GET', '/v1/vms/wn1/history');
    expect(body.history).toHaveLength(1);
  });

  it('survive a receiver that is killed right after its answer', async () => {
    const folder = createTestFolder();
    const first = await startReceiver({ folder });
    const vm = await first.enrol('wn1');
    await first.ask('POST', '/v1/logs', { token: vm.token, body: post });
    // What another connection sees of the database by now is what a killed receiver leaves.
    const database = new DatabaseSync(first.database, { readOnly: true });
    const rows = database.prepare('SELECT bytes FROM log_chunk').all();
    database.close();
    expect(rows.map(({ bytes }) => Buffer.from(bytes as Uint8Array).toString())).toEqual([
      'last words\n',
    ]);
  });

  it('bring directives and looks back, also to a VM that has no new line', async () => {
    const receiver = await startReceiver();
    const vm = await receiver.enrol('wn1');
    await vm.beat();
    const give = (what: string, body: object) =>
      receiver.operator('POST', `/v1/vms/wn1/${what}`, body);
    const { id } = (await give('directives', { kind: 'drain', reason: 'x' })).body;
    await give('peeks', { thing: 'ps', pilot: '00' });
    const { token } = vm;
    for (const logs of [[piece], []]) {
      const answer = await receiver.ask('POST', '/v1/logs', { token, body: { ...post, logs } });
      expect(answer.body.directives).toMatchObject([{ id, kind: 'drain' }, { kind: 'peek' }]);
    }
    const { body } = await receiver.operator('GET', '/v1/vms/wn1/directives');
    expect(body.directives).toMatchObject([{ id, status: 'sent' }]);
    await vm.beat({ acknowledged: [{ id, outcome: 'done', detail: '' }] });
    const answer = await receiver.ask('POST', '/v1/logs', { token, body: post });
    expect(answer.body.directives).toMatchObject([{ kind: 'peek' }]);
  });

  it.each([
    ['nobody’s token', { token: 'x'.repeat(43), body: post }, 401],
    ['a piece of no place', { body: { ...post, logs: [{ ...piece, fromByte: -1 }] } }, 400],
    ['another protocol', { body: { ...post, protocol: 9 } }, 426],
  ])('are refused with %s', async (_what, request, status) => {
    const receiver = await startReceiver();
    const { token } = await receiver.enrol('wn1');
    expect((await receiver.ask('POST', '/v1/logs', { token, ...request })).status).toBe(status);
  });
});
