import { describe, expect, it } from 'vitest';
import { heartbeat, startReceiver } from '../../support/receiver-under-test.ts';

const ROUTES = [
  ['GET', '/v1/vms'],
  ['GET', '/v1/vms/wn1'],
  ['GET', '/v1/vms/wn1/history'],
  ['GET', '/v1/vms/wn1/directives'],
  ['POST', '/v1/vms/wn1/directives'],
  ['GET', '/v1/vms/wn1/logs'],
  ['GET', '/v1/vms/wn1/peeks'],
  ['GET', '/v1/peeks'],
  ['GET', '/v1/credentials'],
  ['PUT', '/v1/credentials/token'],
  ['DELETE', '/v1/credentials/there'],
] as const;

describe('who may do what', () => {
  it.each(ROUTES)('%s %s is for the operator alone', async (method, path) => {
    const { ask, enrol, operator, operatorToken, enrolmentSecret } = await startReceiver();
    const { token } = await enrol('wn1');
    await operator('PUT', '/v1/credentials/there', { content: 'x' });
    const body = {
      POST: { kind: 'undrain' },
      PUT: { content: 'x' },
      GET: undefined,
      DELETE: undefined,
    }[method];
    const status = async (given?: string) =>
      (await ask(method, path, given === undefined ? { body } : { token: given, body })).status;
    expect(await status()).toBe(401);
    expect(await status('nobody')).toBe(401);
    expect(await status(enrolmentSecret)).toBe(401);
    expect(await status(token)).toBe(403);
    expect(await status(operatorToken)).toBeLessThan(300);
  });

  it('a heartbeat is for its VM alone', async () => {
    const { ask, enrol, operatorToken, enrolmentSecret } = await startReceiver();
    const { token } = await enrol('wn1');
    const answer = async (given?: string) => {
      const body = heartbeat(1);
      const { status, body: said } = await ask(
        'POST',
        '/v1/heartbeat',
        given === undefined ? { body } : { token: given, body },
      );
      return [status, said.error?.code];
    };
    expect(await answer()).toEqual([401, 'unauthorized']);
    expect(await answer('nobody')).toEqual([401, 'unauthorized']);
    expect(await answer(enrolmentSecret)).toEqual([401, 'unauthorized']);
    expect(await answer(operatorToken)).toEqual([403, 'forbidden']);
    expect(await answer(token)).toEqual([200, undefined]);
  });

  it('one VM’s token never changes another, whatever the message claims', async () => {
    const { ask, enrol, operator } = await startReceiver();
    const one = await enrol('wn1');
    const two = await enrol('wn2');
    await two.beat({ state: 'running' });
    const before = (await operator('GET', `/v1/vms/${two.vmId}`)).body;
    const forged = { ...heartbeat(99, { state: 'failed' }), vmId: two.vmId, identity: before };
    await ask('POST', '/v1/heartbeat', {
      token: one.token,
      body: forged,
      headers: { 'x-vm-id': two.vmId },
    });
    expect((await operator('GET', `/v1/vms/${two.vmId}`)).body).toEqual(before);
    expect((await operator('GET', `/v1/vms/${one.vmId}`)).body.state).toBe('failed');
  });

  it('a body is not read before its sender is known', async () => {
    const { ask } = await startReceiver();
    const answer = await ask('POST', '/v1/heartbeat', { token: 'nobody', body: '{"not json' });
    expect(answer.status).toBe(401);
  });
});
