import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { LIMITS } from '../../../protocol/limits.ts';
import {
  createTestFolder,
  enrolment,
  heartbeat,
  type ReceiverSetting,
  startReceiver,
} from '../../support/receiver-under-test.ts';

const HOUR = 3_600_000;
/** The clock of these tests begins here. */
const START_MS = Date.UTC(2026, 0, 1);
const tokenUntil = (ms: number): string =>
  `e30.${Buffer.from(JSON.stringify({ exp: ms / 1000 })).toString('base64url')}.canary`;

const setUp = async (setting: ReceiverSetting = {}) => {
  const receiver = await startReceiver(setting);
  const { ask, operator, enrolmentSecret } = receiver;
  const enrol = async (hostname: string, identity: object = {}) => {
    const body = enrolment(enrolmentSecret, hostname);
    const said = { ...body, identity: { ...body.identity, ...identity } };
    const { vmId, token } = (await ask('POST', '/v1/enrol', { body: said })).body;
    let sequence = 0;
    return {
      vmId,
      token,
      fetch: (name: string) => ask('GET', `/v1/credentials/${name}`, { token }),
      offered: async () => {
        sequence += 1;
        const answer = await ask('POST', '/v1/heartbeat', { token, body: heartbeat(sequence) });
        return answer.body.credentials;
      },
    };
  };
  const put = (name: string, content: string, scope: object = {}) =>
    operator('PUT', `/v1/credentials/${name}`, { content, scope, by: 'alice' });
  const list = async () => (await operator('GET', '/v1/credentials')).body.credentials;
  return { receiver, enrol, put, list, operator };
};

describe('a credential', () => {
  it('is told of by each heartbeat, fetched by its VM, told of anew when it is replaced', async () => {
    const { enrol, put } = await setUp();
    const vm = await enrol('wn1', { vo: 'atlas' });
    expect(await vm.offered()).toEqual([]);
    const first = await put('pilot-token', 'canary-one\n', { vo: 'atlas' });
    expect(first).toMatchObject({ status: 201, body: { replaced: false, state: 'usable' } });
    const { version } = first.body;
    expect(await vm.offered()).toEqual([{ name: 'pilot-token', version }]);
    const fetched = await vm.fetch('pilot-token');
    expect(fetched.body).toEqual({ name: 'pilot-token', version, content: 'canary-one\n' });
    expect(fetched.headers['cache-control']).toBe('no-store');

    const second = await put('pilot-token', 'canary-two', { vo: 'atlas' });
    expect(second).toMatchObject({ status: 200, body: { replaced: true } });
    expect(second.body.version).not.toBe(version);
    expect(await vm.offered()).toEqual([{ name: 'pilot-token', version: second.body.version }]);
    expect((await vm.fetch('pilot-token')).body.content).toBe('canary-two');
  });

  it('is for the VMs that it is meant for, the narrowest scope first', async () => {
    const { enrol, put } = await setUp();
    const atlas = await enrol('wn1', { vo: 'atlas', site: 'CERN' });
    const cms = await enrol('wn2', { vo: 'cms', site: 'CERN', runningPod: 'prod' });
    await put('token', 'for-all');
    await put('token', 'for-atlas', { vo: 'atlas' });
    await put('token', 'for-cms-at-cern', { vo: 'cms', site: 'CERN' });
    await put('own', 'for-the-pod', { runningPod: 'prod' });
    const content = async (vm: typeof atlas, name: string) => (await vm.fetch(name)).body.content;
    expect(await content(atlas, 'token')).toBe('for-atlas');
    expect(await content(cms, 'token')).toBe('for-cms-at-cern');
    expect(await content(cms, 'own')).toBe('for-the-pod');
    expect((await atlas.fetch('own')).status).toBe(404);
    await put('token', 'for-one', { vm: 'wn2' });
    expect(await content(cms, 'token')).toBe('for-one');
    expect(await content(atlas, 'token')).toBe('for-atlas');
    expect(await atlas.offered()).toMatchObject([{ name: 'token' }]);
    expect(await cms.offered()).toMatchObject([{ name: 'own' }, { name: 'token' }]);
  });

  it('is offered as long as it lives, and no wider one in its place', async () => {
    const { enrol, put, list, receiver } = await setUp();
    const vm = await enrol('wn1', { vo: 'atlas' });
    await put('token', 'wider');
    await put('token', tokenUntil(START_MS + HOUR), { vo: 'atlas' });
    expect(await vm.offered()).toHaveLength(1);
    await receiver.clock.advance(HOUR);
    expect(await vm.offered()).toEqual([]);
    expect((await vm.fetch('token')).status).toBe(404);
    expect(await list()).toMatchObject([
      { scope: {}, endsAt: null, state: 'usable' },
      { scope: { vo: 'atlas' }, endsAt: '2026-01-01T01:00:00.000Z', state: 'ended' },
    ]);
    await put('token', tokenUntil(START_MS + 2 * HOUR), { vo: 'atlas' });
    expect(await vm.offered()).toHaveLength(1);
  });

  it('is listed with who and when, never with its content', async () => {
    const { put, list, receiver } = await setUp();
    await receiver.clock.advance(1000);
    const { body } = await put('b.pem', 'canary-b', { vo: 'atlas', site: 'CERN' });
    await put('a', 'canary-a');
    const all = await list();
    expect(all.map(({ name }: { name: string }) => name)).toEqual(['a', 'b.pem']);
    expect(all[1]).toEqual({
      name: 'b.pem',
      scope: { vo: 'atlas', site: 'CERN' },
      version: body.version,
      endsAt: null,
      putAt: '2026-01-01T00:00:01.000Z',
      putBy: 'alice at 127.0.0.1',
      state: 'usable',
    });
    expect(JSON.stringify([body, all])).not.toContain('canary');
  });

  it('is removed by its name and scope, and both are told if they were wrong', async () => {
    const { enrol, put, operator, list } = await setUp();
    const vm = await enrol('wn1');
    await put('token', 'x', { site: 'CERN', vo: 'atlas' });
    await put('token', 'y', { vm: 'wn1' });
    const remove = (query: string) => operator('DELETE', `/v1/credentials/token${query}`);
    const wrong = await remove('');
    expect(wrong).toMatchObject({ status: 404, body: { error: { code: 'not-found' } } });
    expect(wrong.body.error.message).toBe(
      `there is no credential "token" for all VMs; it is there for vo=atlas site=CERN, vm=${vm.vmId}`,
    );
    expect((await remove('?colour=red')).status).toBe(400);
    expect((await remove('?vm=wn2')).status).toBe(404);
    expect(await remove('?vo=atlas&site=CERN')).toMatchObject({ status: 200 });
    expect(await remove('?vm=wn1')).toMatchObject({
      status: 200,
      body: { scope: { vm: vm.vmId } },
    });
    expect(await list()).toEqual([]);
    expect(await vm.offered()).toEqual([]);
    expect((await vm.fetch('token')).status).toBe(404);
  });

  it('survives a restart, but not without its key', async () => {
    const folder = createTestFolder();
    const { enrol, put, receiver } = await setUp({ folder });
    const vm = await enrol('wn1');
    const { version } = (await put('token', 'canary-kept')).body;
    await receiver.stop();
    for (const file of ['fleet.db', 'fleet.db-wal'])
      expect(readIfThere(`${folder}/${file}`)).not.toContain('canary');

    const again = await startReceiver({ folder });
    const ask = (each: typeof again, token = vm.token) =>
      each.ask('GET', '/v1/credentials/token', { token });
    expect((await ask(again)).body).toEqual({ name: 'token', version, content: 'canary-kept' });
    await again.stop();

    for (const credentialKey of [undefined, Buffer.alloc(32, 'other')]) {
      const without = await startReceiver({ folder, config: { credentialKey } });
      expect(without.lines.map(line => JSON.parse(line))).toContainEqual(
        expect.objectContaining({
          level: 'error',
          msg: '1 credentials cannot be opened, and are given to no VM',
          credentials: ['token'],
        }),
      );
      expect((await ask(without)).status).toBe(404);
      const listed = await without.operator('GET', '/v1/credentials');
      expect(listed.body.credentials).toMatchObject([{ name: 'token', state: 'no-key' }]);
      await without.stop();
    }
  });

  it('cannot be put where there is no key', async () => {
    const { put } = await setUp({ config: { credentialKey: undefined } });
    const refused = await put('token', 'x');
    expect(refused).toMatchObject({ status: 403, body: { error: { code: 'forbidden' } } });
    expect(refused.body.error.message).toContain('--credential-key-file');
  });

  it('is audited, and neither its content nor a token is in the log', async () => {
    const { enrol, put, operator, receiver } = await setUp();
    const vm = await enrol('wn1');
    const { version } = (await put('token', 'canary-content')).body;
    await vm.fetch('token');
    await vm.fetch('canary-of-nobody');
    await operator('DELETE', '/v1/credentials/token');
    await operator('PUT', '/v1/credentials/token', { content: 'canary-\0' });
    await operator('PUT', '/v1/credentials/token', '{"content":"canary-broken');
    await receiver.stop();
    const said = receiver.lines.join('');
    expect(said).not.toContain('canary');
    expect(said).not.toContain(vm.token);
    const audited = receiver.lines
      .map(line => JSON.parse(line))
      .filter(({ credential }) => credential === 'token');
    expect(audited).toMatchObject([
      { msg: 'credential put', version, by: 'alice at 127.0.0.1' },
      { msg: 'credential given to its VM', vmId: vm.vmId, version },
      { msg: 'credential removed', from: '127.0.0.1' },
    ]);
  });
});

const readIfThere = (path: string): string => {
  try {
    return readFileSync(path, 'latin1');
  } catch {
    // The write-ahead log is gone after an orderly end.
    return '';
  }
};

describe('hostile input', () => {
  it('a token that is no VM’s learns nothing of what there is', async () => {
    const { enrol, put, receiver } = await setUp();
    const vm = await enrol('wn1', { vo: 'atlas' });
    await put('there', 'x', { vo: 'atlas' });
    await put('others', 'x', { vo: 'cms' });
    const answers = async (token: string) =>
      Promise.all(
        ['there', 'others', 'nowhere', '..', 'x'.repeat(3000), '%00', '%2e%2e%2ffleet.db'].map(
          async name => {
            const { status, body } = await receiver.ask('GET', `/v1/credentials/${name}`, {
              token,
            });
            return JSON.stringify([status, body]);
          },
        ),
      );
    const wrong = await answers('nobody');
    expect(new Set(wrong.slice(0, 3)).size).toBe(1);
    expect(wrong[0]).toContain('401');
    const operators = await answers(receiver.operatorToken);
    expect(new Set(operators.slice(0, 3)).size).toBe(1);
    expect(operators[0]).toContain('403');
    const [there, others, nowhere, ...odd] = await answers(vm.token);
    expect(there).toContain('200');
    expect(others).toContain('404');
    expect(nowhere).toBe(others);
    for (const answer of odd) expect(answer).toContain('404');
  });

  it.each<[name: string, body: unknown, message: string]>([
    ['token', {}, 'content: '],
    ['token', { content: '' }, 'content: must not be empty'],
    ['token', { content: 7 }, 'content: '],
    ['token', { content: 'x'.repeat(LIMITS.credentialChars + 1) }, 'content: '],
    ['token', { content: 'a\u0000b' }, 'content: must not have control characters'],
    ['token', { content: '\ud800' }, 'content: must be text'],
    ['token', { content: 'x', scope: { colour: 'red' } }, 'colour'],
    ['token', { content: 'x', scope: { vo: '' } }, 'scope.vo: '],
    ['token', { content: 'x', scope: [] }, 'scope: must be an object'],
    ['token', { content: 'x', scope: { vm: 'wn9' } }, 'no VM has an id'],
    ['token', { content: tokenUntil(START_MS - HOUR) }, 'it ended 1h ago'],
    ['.hidden', { content: 'x' }, 'name: '],
    ['a%2f..%2fb', { content: 'x' }, 'name: '],
    ['x'.repeat(65), { content: 'x' }, 'name: '],
    ['token', '{"content":', 'JSON'],
  ])('is refused by the name of what is wrong (case %#)', async (name, body, message) => {
    const { operator, list } = await setUp();
    const refused = await operator('PUT', `/v1/credentials/${name}`, body);
    expect([400, 404]).toContain(refused.status);
    expect(refused.body.error.message).toContain(message);
    expect(await list()).toEqual([]);
  });

  it('bodies are bounded, and so are the names', async () => {
    const { operator, put, list } = await setUp();
    const large = { content: 'x', padding: 'x'.repeat(LIMITS.bodyBytes) };
    const refused = await operator('PUT', '/v1/credentials/token', large);
    expect(refused).toMatchObject({ status: 413, body: { error: { code: 'too-large' } } });
    const names = Array.from({ length: LIMITS.credentials + 3 }, (_, n) => `n${n}`);
    const statuses = await Promise.all(names.map(async name => (await put(name, 'x')).status));
    expect(statuses.filter(status => status === 201)).toHaveLength(LIMITS.credentials);
    expect(await list()).toHaveLength(LIMITS.credentials);
    const [{ name }] = await list();
    expect((await put(name, 'again', { vo: 'atlas' })).status).toBe(201);
    const full = await put('one-more', 'x');
    expect(full.body.error.message).toBe(
      `a receiver holds ${LIMITS.credentials} names of credentials at most: remove some`,
    );
  });

  it('a database that fails leaves what there was', async () => {
    const { enrol, put } = await setUp({
      wrap: storage => ({
        ...storage,
        putCredential: record =>
          record.name === 'bad' ? Promise.reject(new Error('full')) : storage.putCredential(record),
      }),
    });
    const vm = await enrol('wn1');
    await put('good', 'x');
    expect((await put('bad', 'x')).status).toBe(500);
    await put('good', 'y');
    expect(await vm.offered()).toMatchObject([{ name: 'good' }]);
    expect((await vm.fetch('good')).body.content).toBe('y');
  });
});
