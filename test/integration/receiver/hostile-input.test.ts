import { connect } from 'node:net';
import { describe, expect, it } from 'vitest';
import { LIMITS } from '../../../protocol/limits.ts';
import { enrolment, heartbeat, startReceiver } from '../../support/receiver-under-test.ts';

const setUp = async () => {
  const receiver = await startReceiver();
  const vm = await receiver.enrol('wn1');
  const send = (body: unknown, headers: Record<string, string> = {}) =>
    receiver.ask('POST', '/v1/heartbeat', { token: vm.token, body, headers });
  return { receiver, vm, send };
};

describe('bad requests', () => {
  it.each([2, 99])('says which protocols are spoken when asked in version %i', async protocol => {
    const { send, receiver } = await setUp();
    const refused = { code: 'protocol-unsupported', supported: [1] };
    const beat = await send({ protocol, wholly: 'unlike version 1' });
    expect(beat).toMatchObject({ status: 426, body: { error: refused } });
    const enrol = await receiver.ask('POST', '/v1/enrol', { body: { protocol } });
    expect(enrol).toMatchObject({ status: 426, body: { error: refused } });
  });

  it.each([
    [{ ...heartbeat(1), state: 'dancing' }, 'state: '],
    [{ ...heartbeat(1), sequence: -1 }, 'sequence: '],
    [{ ...heartbeat(1), load: { ok: true } }, 'load.value: '],
    [{ ...heartbeat(1), pilots: [{ slot: 's' }] }, 'pilots.0.generation: '],
    [{ ...heartbeat(1), protocol: 'one' }, 'protocol: '],
    [{}, 'protocol: '],
    [[], 'protocol: '],
    ['null', 'Expected Object'],
    ['"text"', 'Expected Object'],
    [{ ...heartbeat(1), bootId: 'x'.repeat(257) }, 'bootId: '],
    [{ ...heartbeat(1), logs: Array(65).fill({ source: 's', fromByte: 0, text: '' }) }, 'logs: '],
  ])('names the first field that is wrong: %o', async (body, place) => {
    const { send, receiver } = await setUp();
    const answer = await send(body);
    expect(answer).toMatchObject({ status: 400, body: { error: { code: 'bad-request' } } });
    expect(answer.body.error.message).toContain(place);
    expect((await receiver.operator('GET', '/v1/vms/wn1')).body.state).toBe('enrolled');
  });

  it('names it in an enrolment too', async () => {
    const { receiver } = await setUp();
    const body = { ...enrolment('s', 'wn9'), nonce: 'short' };
    const answer = await receiver.ask('POST', '/v1/enrol', { body });
    expect(answer.body.error.message).toContain('nonce: ');
  });

  it.each(['{', '', '{"protocol":1', 'NaN', '{"__proto__":{"x":1}}'])(
    'refuses what is not JSON: %s',
    async body => {
      const { send } = await setUp();
      expect(await send(body)).toMatchObject({
        status: 400,
        body: { error: { code: 'bad-request' } },
      });
    },
  );

  it('survives JSON nested as deeply as a body allows', async () => {
    const { send, vm } = await setUp();
    const deep = `${'['.repeat(100_000)}${']'.repeat(100_000)}`;
    const body = JSON.stringify(heartbeat(1)).replace('{', `{"deep":${deep},`);
    expect((await send(body)).status).toBe(200);
    await vm.beat({ sequence: 2 });
  });

  it('bounds bodies before it reads them', async () => {
    const { send } = await setUp();
    const answer = await send({ ...heartbeat(1), padding: 'x'.repeat(LIMITS.bodyBytes) });
    expect(answer).toMatchObject({ status: 413, body: { error: { code: 'too-large' } } });
  });

  it('takes no other media type', async () => {
    const { send } = await setUp();
    for (const type of ['text/plain', 'application/x-www-form-urlencoded', 'x'])
      expect(await send('{}', { 'content-type': type })).toMatchObject({
        status: 415,
        body: { error: { code: 'unsupported-media' } },
      });
  });

  it('has nothing elsewhere, in the same words', async () => {
    const { receiver } = await setUp();
    for (const path of [
      '/nothing',
      '/v1/enrol',
      '/v1/vms/a/b/c',
      '/assets/../main.ts',
      '/%2e%2e/x',
    ])
      expect(await receiver.ask('GET', path)).toMatchObject({
        status: 404,
        body: { error: { code: 'not-found' } },
      });
    expect(await receiver.ask('GET', '/%zz')).toMatchObject({
      status: 400,
      body: { error: { code: 'bad-request' } },
    });
  });

  it.each([
    ['GARBAGE\r\n\r\n', 400],
    [`GET / HTTP/1.1\r\nHost: x\r\nX: ${'x'.repeat(40_000)}\r\n\r\n`, 413],
  ])('answers what is not HTTP, then hangs up', async (text, status) => {
    const { receiver } = await setUp();
    const { hostname, port } = new URL(receiver.address);
    const socket = connect(Number(port), hostname);
    socket.end(text);
    const said = (await socket.toArray()).join('');
    expect(said).toContain(`HTTP/1.1 ${status} `);
    expect(JSON.parse(said.split('\r\n\r\n')[1] ?? '').error.code).toBeDefined();
  });

  it('tells a client nothing of its own troubles', async () => {
    const secret = 'SQLITE_FULL at /var/lib/somewhere';
    const receiver = await startReceiver({
      wrap: storage => ({
        ...storage,
        recordHeartbeat: () => Promise.reject(new Error(secret)),
        checkWritable: () => Promise.reject(new Error(secret)),
      }),
    });
    const vm = await receiver.enrol('wn1');
    const answer = await receiver.ask('POST', '/v1/heartbeat', {
      token: vm.token,
      body: heartbeat(1),
    });
    expect(answer).toMatchObject({ status: 500, body: { error: { code: 'internal' } } });
    const ready = await receiver.ask('GET', '/readyz');
    expect(ready).toMatchObject({ status: 503, body: { error: { code: 'overloaded' } } });
    expect(JSON.stringify([answer, ready])).not.toContain('SQLITE');
    expect(receiver.lines.some(line => line.includes(secret))).toBe(true);
    expect((await receiver.ask('GET', '/healthz')).status).toBe(200);
  });

  it('is ready when its database can be written', async () => {
    const { receiver } = await setUp();
    expect(await receiver.ask('GET', '/readyz')).toMatchObject({ status: 200, body: { ok: true } });
  });

  it('never logs a secret, at any level', async () => {
    const { receiver, vm, send } = await setUp();
    await receiver.ask('POST', '/v1/enrol', { body: enrolment('canary-wrong-secret', 'wn2') });
    await send({ ...heartbeat(1), token: 'canary-token-in-body' });
    await send('{"canary-in-broken-json');
    await receiver.operator('GET', '/v1/vms');
    await receiver.ask('GET', '/v1/vms?token=canary-in-query');
    await receiver.stop();
    expect(receiver.lines.length).toBeGreaterThan(5);
    const said = receiver.lines.join('');
    expect(said).not.toContain('canary');
    expect(said).not.toContain(vm.token);
  });
});
