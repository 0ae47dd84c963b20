import { execFileSync } from 'node:child_process';
import * as fs from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { createBulkLogs } from '../../../agent/logs/bulk-logs.ts';
import { createLogStore } from '../../../agent/logs/log-store.ts';
import { PATHS } from '../../../agent/paths.ts';
import { createExec } from '../../../platform/exec.ts';
import { createLightHttp } from '../../../platform/light-http.ts';
import { createLog } from '../../../platform/log.ts';
import { createSparseFiles } from '../../../platform/sparse-files.ts';
import { createFolderMachine } from '../../support/folder-machine.ts';
import { createLeapingClock } from '../../support/leaping-clock.ts';
import { startLoopbackServer } from '../../support/loopback-server.ts';
import { startNginxDav } from '../../support/nginx-dav.ts';
import { createS3, presign, refusalOf } from '../../support/s3-server.ts';

const KEY = { id: 'AKIAIOSFODNN7EXAMPLE', secret: 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY' };
const TOKEN = 'header.payload.signature';
const TOKEN_FILE = '/run/pilotage/credentials/plt00/dav';

const setUp = async (url: string, credentialFile?: string) => {
  const { root, files } = createFolderMachine();
  for (const folder of [PATHS.logs, PATHS.state, '/run/pilotage/credentials/plt00'])
    await files.makeDirectory(folder, { mode: 0o700 });
  await files.write(TOKEN_FILE, `${TOKEN}\n`, { mode: 0o600 });
  const clock = createLeapingClock();
  const lines: string[] = [];
  const log = createLog('debug', line => void lines.push(line));
  const store = createLogStore({ files, sparse: createSparseFiles(files, createExec()), log });
  const put = (name: string, text: string) =>
    files.write(`${PATHS.logs}/${name}`, text, { mode: 0o600 });
  const create = () =>
    createBulkLogs(
      { clock, files, log, store, random: () => 0.5, http: createLightHttp },
      { upload: { url, allowPlainHttp: false }, vm: 'i-0 1', credentialFile },
    );
  const finish = (bulk = create()) => bulk.finish(new AbortController().signal, 1e12);
  return { root, files, clock, store, lines, put, create, finish };
};
const settle = () => new Promise(resolve => setImmediate(resolve));
const PRESIGNED_AT = { atMs: 0, seconds: 3600 };

describe('the address that S3 signed', () => {
  // Of Amazon's documentation, "Authenticating Requests: Using Query Parameters".
  const target =
    '/test.txt?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=AKIAIOSFODNN7EXAMPLE%2F20130524%2Fus-east-1%2Fs3%2Faws4_request&X-Amz-Date=20130524T000000Z&X-Amz-Expires=86400&X-Amz-SignedHeaders=host&X-Amz-Signature=aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404';
  const headers = { host: 'examplebucket.s3.amazonaws.com' };
  const atMs = Date.UTC(2013, 4, 24, 1);

  test('is checked as Amazon checks it', () => {
    const good = { method: 'GET', target, headers };
    expect(refusalOf(good, KEY, atMs)).toBeUndefined();
    expect(refusalOf({ ...good, method: 'PUT' }, KEY, atMs)).toBe('SignatureDoesNotMatch');
    expect(refusalOf({ ...good, target: target.replace('test', 'tesT') }, KEY, atMs)).toBe(
      'SignatureDoesNotMatch',
    );
    expect(refusalOf({ ...good, headers: { host: 'other' } }, KEY, atMs)).toBe(
      'SignatureDoesNotMatch',
    );
    expect(
      refusalOf({ ...good, headers: { ...headers, 'x-amz-acl': 'public-read' } }, KEY, atMs),
    ).toBe('AccessDenied');
    expect(refusalOf(good, KEY, atMs + 86_400_000)).toBe('AccessDenied');
    expect(refusalOf(good, KEY, atMs - 86_400_000)).toBe('RequestTimeTooSkewed');
  });
});

describe('all logs of a VM', () => {
  const start = async (now = 1000) => {
    const s3 = createS3(KEY, () => now);
    const { origin } = await startLoopbackServer((...args) => void s3.listener(...args));
    const url = presign({ origin, path: '/bucket/vm%201/logs.tar' }, KEY, PRESIGNED_AT);
    return { s3, url };
  };

  test('go to S3 as one archive by an address that was signed, whatever of them is compressed by then', async () => {
    const { s3, url } = await start();
    const { root, store, put, finish, lines } = await setUp(url);
    const long = 'a line of a pilot\n'.repeat(10_000);
    await put('00-1.out', long);
    await put('00-1.err', 'why\n');
    await put('00-2.out', '');
    await store.perform({ do: 'compress', name: '00-1.out', from: 0, to: 100_000 });
    await store.perform({ do: 'raise', name: '00-1.out', floor: 100_000 });
    s3.slowDown(2);
    expect(await finish()).toBe(true);
    expect(s3.refusals).toEqual(['SlowDown', 'SlowDown']);
    const archive = s3.objects.get('/bucket/vm%201/logs.tar');
    const tar = join(root, 'logs.tar');
    fs.writeFileSync(tar, archive ?? '');
    // Read by the tar of this machine, not by ours.
    expect(String(execFileSync('tar', ['-tf', tar]))).toBe('00-1.err.gz\n00-1.out.gz\n');
    execFileSync('tar', ['-xf', tar, '-C', root]);
    expect(String(gunzipSync(fs.readFileSync(join(root, '00-1.out.gz'))))).toBe(long);
    expect(String(execFileSync('zcat', [join(root, '00-1.err.gz')]))).toBe('why\n');
    expect(lines.join('')).not.toMatch(/Signature=|Credential=/);
  });

  test('are not sent by an address that has expired, and no secret is told of why', async () => {
    const { s3, url } = await start(7_200_000);
    const { put, finish, lines, clock } = await setUp(url);
    await put('00-1.out', 'text');
    expect(await finish()).toBe(false);
    expect([s3.refusals, s3.objects.size]).toEqual([['AccessDenied'], 0]);
    expect(lines.join('')).toContain('the server answered 403');
    expect(lines.join('')).not.toMatch(/X-Amz|Signature|logs.tar\?/);
    expect(clock.pauses.filter(ms => ms < 30_000)).toEqual([]);
  });

  test('are given up in time where nobody answers well, after a few tries', async () => {
    let tries = 0;
    const { origin } = await startLoopbackServer((request, response) => {
      tries += 1;
      request.resume().on('end', () => response.writeHead(500).end());
    });
    const { put, finish } = await setUp(`${origin}/logs.tar`);
    await put('00-1.out', 'text');
    expect(await finish()).toBe(false);
    expect(tries).toBe(4);
  });
});

describe('each log of a VM', () => {
  test('goes to a real WebDAV server once its run has been followed by another, the rest at the end', async () => {
    const { origin, root } = await startNginxDav(TOKEN);
    const { files, put, create, finish } = await setUp(`${origin}/pilots/@vm@/@log@`, TOKEN_FILE);
    const at = (name: string) => join(root, 'pilots/i-0 1', `${name}.gz`);
    const read = (name: string) => String(gunzipSync(fs.readFileSync(at(name))));
    await put('00-1.out', 'first\n');
    await put('00-2.out', 'second\n');
    let bulk = create();
    const stop = new AbortController();
    const loop = bulk.run(stop.signal);
    while ((await files.facts(PATHS.logsUploaded)) === undefined) await settle();
    stop.abort();
    await loop;
    expect(read('00-1.out')).toBe('first\n');
    expect(fs.existsSync(at('00-2.out'))).toBe(false);
    fs.rmSync(at('00-1.out'));
    // Another agent does not put again what the one before it has put.
    bulk = create();
    expect(await finish(bulk)).toBe(true);
    expect(read('00-2.out')).toBe('second\n');
    expect(fs.existsSync(at('00-1.out'))).toBe(false);
  });

  test('is not put with a token that the server does not take', async () => {
    const { origin, root } = await startNginxDav('another');
    const { put, finish, lines } = await setUp(`${origin}/@log@`, TOKEN_FILE);
    await put('00-1.out', 'first\n');
    expect(await finish()).toBe(false);
    expect(fs.readdirSync(root)).toEqual([]);
    expect(lines.join('')).toContain('the server answered 401');
    expect(lines.join('')).not.toContain(TOKEN);
  });
});

test('a server that answers before it has read all does not hang the agent', async () => {
  const { origin } = await startLoopbackServer((_request, response) => {
    response.writeHead(413).end();
  });
  const { put, finish } = await setUp(`${origin}/logs.tar`);
  await put('00-1.out', String(Math.random()).repeat(500_000));
  expect(await finish()).toBe(false);
});
