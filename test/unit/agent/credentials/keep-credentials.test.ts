import { describe, expect, test } from 'vitest';
import { redactStep } from '../../../../agent/context/step.ts';
import { summarizeLives } from '../../../../agent/credentials/describe-life.ts';
import { PATHS } from '../../../../agent/paths.ts';
import { createCredentialVm } from '../../../support/credential-vm.ts';
import { outcomesOf } from '../../../support/step-ports.ts';

const MINUTE = 60_000;

const OAUTH = {
  url: 'https://iam.example.org/token',
  clientId: 'me&you',
  clientSecret: 's3cret',
};
const clientCredentials = { from: { endpoint: { grant: 'client_credentials', ...OAUTH } } };

describe('a token endpoint', () => {
  test('gives the first token while the VM is contextualized, to all slots alike', async () => {
    const vm = await createCredentialVm(clientCredentials, () => ({
      body: { access_token: 'A1', token_type: 'Bearer', expires_in: 600 },
    }));
    expect(await outcomesOf(vm.wanted, vm.ports)).toEqual({ 'credential-source-token': 'done' });
    expect(await outcomesOf(vm.wanted, vm.ports)).toEqual({ 'credential-source-token': 'spared' });
    expect(await vm.copies()).toEqual(['A1', 'A1']);
    expect(await vm.files.facts(`${PATHS.credentials}/plt00/token`)).toMatchObject({ mode: 0o600 });
    expect(vm.requests).toMatchObject([
      {
        origin: 'https://iam.example.org',
        path: '/token',
        method: 'POST',
        body: 'grant_type=client_credentials',
        headers: {
          authorization: `Basic ${Buffer.from('me%26you:s3cret').toString('base64')}`,
          'content-type': 'application/x-www-form-urlencoded',
        },
      },
    ]);
    await outcomesOf([], vm.ports);
    expect(await vm.copies()).toEqual([undefined, undefined]);
  });

  test('that gives ten minutes is asked in time, again and again', async () => {
    let given = 0;
    const vm = await createCredentialVm(clientCredentials, () => {
      given += 1;
      return { body: { access_token: `A${given}`, expires_in: 600 } };
    });
    await outcomesOf(vm.wanted, vm.ports);
    const keeper = vm.keep();
    for (let minutes = 0; minutes < 60; minutes += 1) {
      await vm.clock.advance(MINUTE);
      expect(keeper.lives()[0]?.leftMs).toBeGreaterThan(5 * MINUTE);
    }
    expect(given).toBeGreaterThan(10);
    expect(given).toBeLessThan(30);
    expect(await vm.copies()).toEqual([`A${given}`, `A${given}`]);
    vm.stop.abort();
    await keeper.done;
  });

  test('that gives the same token again is not asked without pause', async () => {
    const vm = await createCredentialVm(clientCredentials, () => ({
      body: { access_token: 'A1', expires_in: 600 },
    }));
    await outcomesOf(vm.wanted, vm.ports);
    vm.keep();
    await vm.clock.advance(10 * MINUTE);
    expect(vm.requests.length).toBeLessThan(8);
    vm.stop.abort();
  });

  test('that is out is told, with the life that is left; no secret goes into log, marker or plan', async () => {
    let isOut = false;
    const vm = await createCredentialVm(clientCredentials, () =>
      isOut
        ? { status: 400, body: { error: 'invalid_client', error_description: 's3cret is wrong' } }
        : { body: { access_token: 'A1-token', expires_in: 600 } },
    );
    await outcomesOf(vm.wanted, vm.ports);
    const keeper = vm.keep();
    isOut = true;
    await vm.clock.advance(8 * MINUTE);
    expect(summarizeLives(keeper.lives())).toBe(
      'token lives for 2m, and could not be renewed: https://iam.example.org/token refused with status 400: invalid_client: (secret) is wrong',
    );
    await vm.clock.advance(4 * MINUTE);
    expect(keeper.lives()[0]?.trouble).toContain('token expired 2m ago');
    expect(await vm.copies()).toEqual(['A1-token', 'A1-token']);
    isOut = false;
    await vm.clock.advance(6 * MINUTE);
    expect(keeper.lives()[0]?.trouble).toBeUndefined();
    const marker = await vm.files.read(`${PATHS.steps}/credential-source-token.json`, 1e6);
    const shown = [...vm.lines, marker, JSON.stringify(vm.wanted.map(redactStep))].join('\n');
    expect(shown).not.toContain('s3cret');
    expect(shown).not.toContain('A1-token');
    expect(vm.lines.filter(line => line.includes('"level":50')).length).toBeLessThanOrEqual(1);
    vm.stop.abort();
  });

  test('without which there is nothing fails the step, and leaves nothing', async () => {
    const vm = await createCredentialVm(clientCredentials, () => ({ status: 503, body: {} }));
    const run = expect(outcomesOf(vm.wanted, vm.ports)).rejects.toThrow('refused with status 503');
    await vm.clock.advance(5 * MINUTE);
    await run;
    expect(await vm.copies()).toEqual([undefined, undefined]);
  });

  test('rotates refresh tokens: the next one is on the disk before it is needed', async () => {
    let given = 0;
    const endpoint = { url: OAUTH.url, grant: 'refresh_token', clientId: 'c', refreshToken: 'R0' };
    const vm = await createCredentialVm({ from: { endpoint } }, ({ body = '' }) => {
      const shown = new URLSearchParams(body).get('refresh_token');
      if (shown !== `R${given}`) return { status: 400, body: { error: 'invalid_grant' } };
      given += 1;
      return { body: { access_token: `A${given}`, expires_in: '600', refresh_token: `R${given}` } };
    });
    await outcomesOf(vm.wanted, vm.ports);
    vm.keep();
    await vm.clock.advance(30 * MINUTE);
    expect(given).toBeGreaterThan(4);
    expect(vm.requests).toHaveLength(given);
    expect(vm.secretsOnDisk[1]).toContain('"R1"');
    expect(await vm.files.facts(`${PATHS.refreshTokens}/token.json`)).toMatchObject({
      mode: 0o600,
    });
    expect(await vm.copies()).toEqual([`A${given}`, `A${given}`]);
    vm.stop.abort();
  });

  test('of DiracX takes the pilot’s secret, then refresh tokens, then the secret again', async () => {
    const endpoint = {
      url: 'https://diracx.example.org/api/pilots/token',
      grant: 'diracx-pilot',
      pilotStamp: 'stamp',
      pilotSecret: 'hush',
      write: 'response',
    };
    let refusesRefresh = false;
    const vm = await createCredentialVm({ from: { endpoint } }, ({ path }) =>
      refusesRefresh && path.endsWith('refresh-token')
        ? { status: 401, body: { detail: 'revoked' } }
        : { body: { access_token: path, expires_in: 600, refresh_token: 'R' } },
    );
    await outcomesOf(vm.wanted, vm.ports);
    expect(JSON.parse((await vm.copies())[0] ?? '')).toMatchObject({ refresh_token: 'R' });
    vm.keep();
    await vm.clock.advance(6 * MINUTE);
    refusesRefresh = true;
    await vm.clock.advance(5 * MINUTE);
    const asked = vm.requests.map(({ path, body }) => `${path} ${body}`);
    const login = '/api/pilots/token {"pilot_stamp":"stamp","pilot_secret":"hush"}';
    const refresh = '/api/pilots/refresh-token {"refresh_token":"R","pilot_stamp":"stamp"}';
    expect(asked[0]).toBe(login);
    expect(asked[1]).toBe(refresh);
    expect(asked.slice(-2)).toEqual([refresh, login]);
    vm.stop.abort();
  });
});

describe('a file', () => {
  const PATH = '/var/lib/agent/token';
  const put = async (
    vm: Awaited<ReturnType<typeof createCredentialVm>>,
    text: string,
    mode = 0o600,
  ) => {
    await vm.files.makeDirectory('/var/lib/agent', { mode: 0o755 });
    await vm.files.write(PATH, text, { mode });
  };

  test('is waited for, then followed', async () => {
    const vm = await createCredentialVm({ from: { file: PATH } }, () => ({ body: {} }));
    const run = outcomesOf(vm.wanted, vm.ports);
    await vm.clock.advance(10_000);
    await put(vm, 'one');
    await vm.clock.advance(10_000);
    expect(await run).toEqual({ 'credential-source-token': 'done' });
    const keeper = vm.keep();
    await vm.clock.advance(1000);
    await put(vm, 'two');
    await vm.clock.advance(30_000);
    expect(await vm.copies()).toEqual(['two', 'two']);
    await put(vm, 'three', 0o606);
    await vm.clock.advance(30_000);
    expect(await vm.copies()).toEqual(['two', 'two']);
    expect(keeper.lives()[0]?.trouble).toContain('may be written by everybody; remedy: chmod o-w');
    vm.stop.abort();
  });

  test('that has nothing lets what the context gave serve', async () => {
    const vm = await createCredentialVm({ from: { file: PATH }, content: 'given' }, () => ({
      body: {},
    }));
    await outcomesOf(vm.wanted, vm.ports);
    expect(await vm.copies()).toEqual(['given', 'given']);
  });
});

test('the receiver is asked when it has another version, and only then', async () => {
  const vm = await createCredentialVm({ from: { receiver: true }, content: 'given' }, () => ({
    body: {},
  }));
  await outcomesOf(vm.wanted, vm.ports);
  let asked = 0;
  const version = () => `v${Math.max(1, asked)}`;
  const keeper = vm.keep(async () => {
    asked += 1;
    return { name: 'token', version: version(), content: `content ${asked}` };
  });
  await vm.clock.advance(10 * MINUTE);
  expect(asked).toBe(0);
  for (let beat = 0; beat < 5; beat += 1) {
    keeper.offered([{ name: 'token', version: 'v1' }]);
    await vm.clock.advance(MINUTE);
  }
  expect(asked).toBe(1);
  keeper.offered([{ name: 'token', version: 'v2' }]);
  await vm.clock.advance(1000);
  expect(await vm.copies()).toEqual(['content 2', 'content 2']);
  vm.stop.abort();
  await keeper.done;
});

test('one that nothing renews is in trouble once it has little life left', async () => {
  const exp = Date.UTC(2026, 0, 1) / 1000 + 1200;
  const content = `e30.${Buffer.from(JSON.stringify({ exp })).toString('base64url')}.sig`;
  const vm = await createCredentialVm({ content }, () => ({ body: {} }));
  await outcomesOf(vm.wanted, vm.ports);
  const keeper = vm.keep();
  await vm.clock.advance(5 * MINUTE);
  expect(summarizeLives(keeper.lives())).toBe('token lives for 15m');
  await vm.clock.advance(10 * MINUTE);
  expect(summarizeLives(keeper.lives())).toBe('token lives for 5m, and nothing renews it');
  vm.stop.abort();
});
