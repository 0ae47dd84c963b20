import type { RequestListener } from 'node:http';
import { describe, expect, test } from 'vitest';
import { createHttp } from '../../../platform/undici-http.ts';
import { runShoalClient } from '../../../shoal-client/main.ts';
import { startLoopbackServer } from '../../support/loopback-server.ts';
import { shoalReply } from '../../support/shoal-reply.ts';

const run = async (...argv: string[]) => {
  let out = '';
  let err = '';
  const exitCode = await runShoalClient(argv, {
    http: createHttp,
    stdout: text => {
      out += text;
    },
    stderr: text => {
      err += text;
    },
    version: '1.2.3',
  });
  return { exitCode, out, err };
};

const start = async (listener: RequestListener): Promise<string> =>
  (await startLoopbackServer(listener)).origin;
const startShoal = (body: string, status = 200): Promise<string> =>
  start((_, response) => {
    response.writeHead(status, { 'content-type': 'application/json' }).end(body);
  });

const SQUIDS = shoalReply([
  { hostname: 'far.example.org', publicIp: '192.0.2.9', distance: 0.5 },
  { hostname: 'near.example.org', publicIp: '192.0.2.1', privateIp: '10.0.0.5', distance: 0.001 },
  { hostname: 'six.example.org', publicIp: '2001:db8::7', port: 8080, distance: 0.01 },
]);

describe('a stock Shoal server', () => {
  test('is asked for five more than are wanted, and gives one balanced group', async () => {
    const asked: unknown[] = [];
    const origin = await start(({ method, url }, response) => {
      asked.push(`${method} ${url}`);
      response.end(SQUIDS);
    });
    expect(await run('-s', origin)).toEqual({
      exitCode: 0,
      out: 'http://10.0.0.5:3128|http://[2001:db8::7]:8080\n',
      err: '',
    });
    expect(asked).toEqual(['GET /nearest/7']);
  });

  test('-n and -d shape the string', async () => {
    const origin = await startShoal(SQUIDS);
    const { out } = await run('-s', `${origin}/nearestcvmfs/`, '-n1', '-d', 'http://p:3128;DIRECT');
    expect(out).toBe('http://10.0.0.5:3128;http://p:3128;DIRECT\n');
  });

  test('--json prints the string and the candidates', async () => {
    const { out } = await run('-s', await startShoal(SQUIDS), '-n', '1', '-d', 'DIRECT', '--json');
    expect(JSON.parse(out)).toEqual({
      proxy: 'http://10.0.0.5:3128;DIRECT',
      candidates: [
        {
          url: 'http://10.0.0.5:3128',
          hostname: 'near.example.org',
          address: '10.0.0.5',
          port: 3128,
          isPrivate: true,
          upstream: 'both',
          distance: 0.001,
          loadKibps: 350.2,
        },
      ],
    });
  });

  test('may name a squid that makes no sense, which is said and left out', async () => {
    const reply = shoalReply([
      { hostname: 'bad', publicIp: '192.0.2.1;DIRECT' },
      { hostname: 'good', publicIp: '192.0.2.2' },
    ]);
    expect(await run('-s', await startShoal(reply))).toEqual({
      exitCode: 0,
      out: 'http://192.0.2.2:3128\n',
      err: expect.stringContaining('make no sense: 1'),
    });
  });
});

describe('no usable squid', () => {
  const failures: readonly [what: string, start: () => Promise<string>, says: string][] = [
    ['a null reply', () => startShoal('null'), 'knows no usable squid'],
    ['an empty reply', () => startShoal('{}'), 'knows no usable squid'],
    [
      'squids for Frontier alone',
      () => startShoal(shoalReply([{ hostname: 'a', publicIp: '::1', upstream: 'frontier' }])),
      'knows no usable squid',
    ],
    ['garbage', () => startShoal('<html>It works!</html>'), 'did not answer in JSON'],
    ['a list', () => startShoal('[1, 2]'), 'other than a list of squids'],
    ['a reply too large', () => startShoal(`"${'x'.repeat(300_000)}"`), 'larger than'],
    ['a server error', () => startShoal('oops', 500), 'status 500'],
    ['a redirect', () => startShoal('', 302), 'status 302'],
    ['a server that hangs', () => start(() => undefined), 'did not answer within 200 ms'],
    [
      'a server that hangs in its reply',
      () => start((_, response) => void response.write('{"0": ')),
      'did not answer within 200 ms',
    ],
    ['a server that dies', () => start((_, response) => void response.destroy()), 'no answer from'],
    ['no server', async () => 'http://127.0.0.1:1', 'ECONNREFUSED'],
  ];

  test.each(failures)('%s fails, unless there is a default', async (_, startServer, says) => {
    const origin = await startServer();
    const flags = ['-s', origin, '--timeout', '200ms'];
    expect(await run(...flags)).toEqual({
      exitCode: 1,
      out: '',
      err: expect.stringMatching(new RegExp(`^shoal-client: .*${says}`)),
    });
    expect(await run(...flags, '-d', 'DIRECT')).toEqual({
      exitCode: 0,
      out: 'DIRECT\n',
      err: expect.stringMatching(new RegExp(`${says}.*only the default is left`)),
    });
  });
});

describe('the command line', () => {
  test('prints version and help without asking anyone', async () => {
    expect(await run('--version')).toEqual({ exitCode: 0, out: 'shoal-client 1.2.3\n', err: '' });
    expect(await run('--help')).toMatchObject({ exitCode: 0, err: '' });
  });

  test('that cannot be understood exits with 64', async () => {
    expect(await run('--bogus')).toEqual({
      exitCode: 64,
      out: '',
      err: expect.stringContaining('Try: shoal-client --help'),
    });
  });
});
