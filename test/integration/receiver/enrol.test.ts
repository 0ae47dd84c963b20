import { describe, expect, it } from 'vitest';
import {
  createNonce,
  enrolment,
  heartbeat,
  startReceiver,
} from '../../support/receiver-under-test.ts';

describe('enrolment', () => {
  it('gives each VM an id and a token of its own', async () => {
    const receiver = await startReceiver();
    const one = await receiver.enrol('wn1');
    const two = await receiver.enrol('wn2');
    expect(one.vmId).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7/);
    expect(one.vmId < two.vmId || one.vmId.slice(0, 13) === two.vmId.slice(0, 13)).toBe(true);
    expect(one.token).not.toBe(two.token);
  });

  it('tells the pace and the time with it', async () => {
    const { ask, enrolmentSecret } = await startReceiver();
    const { body } = await ask('POST', '/v1/enrol', { body: enrolment(enrolmentSecret, 'wn1') });
    expect(body).toMatchObject({
      protocol: 1,
      nextHeartbeatMs: 60_000,
      receiverTime: '2026-01-01T00:00:00.000Z',
    });
  });

  it('answers a lost answer again with the same VM, and voids the token that was lost', async () => {
    const { ask, enrolmentSecret, operator } = await startReceiver();
    const body = enrolment(enrolmentSecret, 'wn1');
    const first = await ask('POST', '/v1/enrol', { body });
    const again = await ask('POST', '/v1/enrol', { body });
    expect(again.body.vmId).toBe(first.body.vmId);
    expect(again.body.token).not.toBe(first.body.token);
    const beat = (token: string) => ask('POST', '/v1/heartbeat', { token, body: heartbeat(1) });
    expect((await beat(first.body.token)).status).toBe(401);
    expect((await beat(again.body.token)).status).toBe(200);
    expect((await operator('GET', '/v1/vms')).body.vms).toHaveLength(1);
  });

  it('refuses a nonce once its VM has spoken, and lets that VM go on', async () => {
    const { ask, enrolmentSecret } = await startReceiver();
    const body = enrolment(enrolmentSecret, 'wn1');
    const { token } = (await ask('POST', '/v1/enrol', { body })).body;
    await ask('POST', '/v1/heartbeat', { token, body: heartbeat(1) });
    const late = await ask('POST', '/v1/enrol', { body });
    expect([late.status, late.body.error.code]).toEqual([409, 'nonce-used']);
    const next = await ask('POST', '/v1/heartbeat', { token, body: heartbeat(2) });
    expect(next.status).toBe(200);
  });

  it('refuses the nonce of another machine, as a copied disk would bring', async () => {
    const { ask, enrolmentSecret } = await startReceiver();
    const nonce = createNonce();
    const original = await ask('POST', '/v1/enrol', {
      body: enrolment(enrolmentSecret, 'wn1', nonce),
    });
    const copy = await ask('POST', '/v1/enrol', { body: enrolment(enrolmentSecret, 'wn2', nonce) });
    expect(copy.status).toBe(409);
    const { token } = original.body;
    expect((await ask('POST', '/v1/heartbeat', { token, body: heartbeat(1) })).status).toBe(200);
  });

  it('gives one VM to many who ask with one nonce at once', async () => {
    const { ask, enrolmentSecret, operator } = await startReceiver();
    const body = enrolment(enrolmentSecret, 'wn1');
    const answers = await Promise.all(
      Array.from({ length: 20 }, () => ask('POST', '/v1/enrol', { body })),
    );
    expect(new Set(answers.map(answer => answer.body.vmId)).size).toBe(1);
    expect((await operator('GET', '/v1/vms')).body.vms).toHaveLength(1);
  });

  it.each(['wrong', 'canary-enrolment-secret-5f2c ', 'canary-operator-token-91ab'])(
    'refuses the secret "%s"',
    async secret => {
      const { ask, operator } = await startReceiver();
      const answer = await ask('POST', '/v1/enrol', { body: enrolment(secret, 'wn1') });
      expect([answer.status, answer.body.error.code]).toEqual([401, 'unauthorized']);
      expect((await operator('GET', '/v1/vms')).body.vms).toEqual([]);
    },
  );
});
