import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import {
  type CheckInput,
  type CheckPorts,
  gravest,
  ok,
  warning,
} from '../../../../agent/checks/check.ts';
import { judgeClock } from '../../../../agent/checks/clock-offset.ts';
import { judgeCredential } from '../../../../agent/checks/credentials.ts';
import { WATCH_PID } from '../../../../agent/checks/dead-man.ts';
import { judgeDisk } from '../../../../agent/checks/disk.ts';
import { namedHosts } from '../../../../agent/checks/dns.ts';
import { GPU_FIELDS, judgeGpus, judgeXids } from '../../../../agent/checks/gpus.ts';
import { judgeMemory } from '../../../../agent/checks/memory.ts';
import { parseProxyString } from '../../../../agent/checks/proxies.ts';
import { CHECKS, runChecks, unfitBecause } from '../../../../agent/checks/run-checks.ts';
import { CHECK_NAMES } from '../../../../agent/context/schema/checks.ts';
import { parseRows } from '../../../../agent/gpus/nvidia-smi.ts';
import { credentialEndMs } from '../../../../platform/credential-end.ts';
import { PilotageError } from '../../../../platform/errors.ts';
import type { HttpReply } from '../../../../platform/http.ts';
import { createFolderMachine } from '../../../support/folder-machine.ts';
import { createManualClock } from '../../../support/manual-clock.ts';
import { createMemoryFiles } from '../../../support/memory-files.ts';
import { contextOf } from '../monitor/worlds.ts';

const MANIFEST = `C${'0a'.repeat(20)}\n`;

const portsOf = (over: Partial<CheckPorts> = {}): CheckPorts => ({
  files: createMemoryFiles(),
  host: createMemoryFiles(),
  exec: {
    run: () => Promise.reject(new PilotageError('command-failed', 'nothing can be run here')),
  },
  clock: createManualClock(),
  http: () => ({
    request: () => Promise.reject(new PilotageError('http-failed', 'connection refused')),
    close: async () => undefined,
  }),
  lookup: async () => ['192.0.2.1'],
  ...over,
});
const answering =
  (answer: (path: string) => Partial<HttpReply>): CheckPorts['http'] =>
  () => ({
    request: async ({ path }) => ({ status: 200, headers: {}, body: '', ...answer(path) }),
    close: async () => undefined,
  });
const input = (context: object = {}): CheckInput => ({ context: contextOf(context), slots: [] });
const checkNamed = (name: string) =>
  CHECKS.find(check => check.name === name) ?? expect.fail(`no check ${name}`);
const run = (name: string, context: object, ports: Partial<CheckPorts>) =>
  checkNamed(name).run(input(context), portsOf(ports), new AbortController().signal);

describe('the dead man’s watch', () => {
  const PLACES = ['/run/systemd/system', '/proc/132', '/proc/133'];
  test.each([
    ['132\n', 'ok'],
    ['133\n', 'warning'],
    ['134\n', 'warning'],
    ['../132', 'warning'],
    [undefined, 'warning'],
  ])('that says it is process %j: %s', async (pid, verdict) => {
    const files = createMemoryFiles();
    for (const place of PLACES) await files.makeDirectory(place, { mode: 0o755 });
    await files.write('/proc/132/cmdline', '@pilotage-dead-man\0/usr/lib/x\0', { mode: 0o444 });
    // Another process that has got its number since.
    await files.write('/proc/133/cmdline', '/bin/sh\0@pilotage-dead-man\0', { mode: 0o444 });
    if (pid !== undefined) await files.write(WATCH_PID, pid, { mode: 0o644 });
    expect((await run('dead-man', {}, { files, host: files })).verdict).toBe(verdict);
  });

  test('is not missed where there is no systemd', async () => {
    expect((await run('dead-man', {}, {})).verdict).toBe('skipped');
  });
});

test('every check that a context can skip exists, and the other way round', () => {
  expect(CHECKS.map(({ name }) => name)).toEqual([...CHECK_NAMES]);
});

describe('what is measured is judged', () => {
  test('disk and memory', () => {
    expect(judgeDisk('/scratch', 2e9, 1000).verdict).toBe('ok');
    expect(judgeDisk('/scratch', 5e8, 1000)).toEqual({
      verdict: 'failed',
      reason: '476 MB free under /scratch, 1000 MB needed',
    });
    expect(judgeMemory('MemTotal: 9 kB\nMemAvailable:     512000 kB\n', 256).verdict).toBe('ok');
    expect(judgeMemory('MemAvailable:     1024 kB\n', 256)).toMatchObject({
      verdict: 'failed',
      reason: '1 MB available, 256 MB needed',
    });
    expect(judgeMemory('', 0).verdict).toBe('failed');
  });

  test.each([
    [0, 'ok'],
    [30_000, 'warning'],
    [-30_000, 'warning'],
    [400_000, 'failed'],
    [-86_400_000, 'failed'],
  ])('a clock that is off by %i ms is %s', (offset, verdict) => {
    const date = 'Thu, 01 Jan 2026 00:00:00 GMT';
    expect(judgeClock(date, Date.parse(date) + offset, 300_000).verdict).toBe(verdict);
  });

  test('GPUs', () => {
    const judge = (csv: string) => judgeGpus(parseRows(GPU_FIELDS, csv));
    expect(judge('0, NVIDIA A100, 550.1, 0\n1, NVIDIA A100, 550.1, 7\n')).toEqual({
      verdict: 'failed',
      reason: 'GPU 1 (NVIDIA A100, driver 550.1) has 7 uncorrected ECC errors',
    });
    expect(judge('0, GeForce, 550.1, [N/A]\n').verdict).toBe('ok');
    expect(judge('').verdict).toBe('skipped');
    expect(
      judgeXids('NVRM: Xid (PCI:0000:00:04): 79, pid=1\nNVRM: Xid (PCI:0000:00:04): 79'),
    ).toEqual(warning('the driver reported Xid 79'));
    expect(judgeXids('all is well')).toBeUndefined();
  });

  test('tokens by their expiry, certificates by theirs, others not at all', () => {
    const now = Date.UTC(2026, 0, 1);
    const token = (exp: unknown) =>
      `e30.${Buffer.from(JSON.stringify({ exp })).toString('base64url')}.sig`;
    const judge = (content: string) => judgeCredential('c', credentialEndMs(content), now, 600_000);
    expect(judge(token(now / 1000 + 3600))).toEqual(ok('c lives for 1h'));
    expect(judge(token(now / 1000 + 60))).toMatchObject({
      verdict: 'failed',
      reason: 'c lives for 1m, 10m needed',
    });
    expect(judge(token(now / 1000 - 60))).toMatchObject({
      verdict: 'failed',
      reason: 'c expired 1m ago',
    });
    for (const content of [
      '',
      'secret',
      token('soon'),
      'a.b.c',
      '-----BEGIN CERTIFICATE-----\nx\n-----END CERTIFICATE-----',
    ])
      expect(judge(content).verdict).toBe('skipped');
    const { root } = createFolderMachine();
    const [key, crt] = [join(root, 'key'), join(root, 'crt')];
    execFileSync(
      'openssl',
      [
        'req',
        '-x509',
        '-newkey',
        'ec',
        '-pkeyopt',
        'ec_paramgen_curve:P-256',
        '-nodes',
        '-days',
        '1',
        '-subj',
        '/CN=x',
        '-keyout',
        key,
        '-out',
        crt,
      ],
      { stdio: 'ignore' },
    );
    expect(
      judgeCredential('proxy', credentialEndMs(readFileSync(crt, 'utf8')), Date.now(), 600_000),
    ).toMatchObject({
      verdict: 'ok',
    });
    expect(
      judgeCredential(
        'proxy',
        credentialEndMs(readFileSync(crt, 'utf8')),
        Date.now() + 2 * 86_400_000,
        600_000,
      ),
    ).toMatchObject({ verdict: 'failed' });
  });
});

describe('the proxy string', () => {
  test('is taken apart as CVMFS does', () => {
    expect(parseProxyString('http://a:3128|b:3128;auto;DIRECT')).toEqual([
      { kind: 'proxy', url: 'http://a:3128' },
      { kind: 'proxy', url: 'http://b:3128' },
      { kind: 'auto' },
      { kind: 'direct' },
    ]);
  });

  test('and the rest of the context name the hosts that must be found', () => {
    const context = contextOf({
      receiver: { url: 'https://r.example.org:8443', enrolmentSecret: 's' },
      cvmfs: {
        repositories: ['a.cern.ch'],
        proxies: 'http://squid.example.org:3128|http://192.0.2.7:3128|http://[2001:db8::1]:3128',
      },
    });
    expect(namedHosts(context)).toEqual(['r.example.org', 'squid.example.org']);
  });
});

describe('squid', () => {
  const cvmfs = (proxies: string) => ({ cvmfs: { repositories: ['a.cern.ch'], proxies } });
  const good = answering(() => ({ body: MANIFEST }));
  const half: CheckPorts['http'] = origin =>
    origin.includes('//a') ? good(origin) : portsOf().http(origin);

  test('one that serves a manifest is enough', async () => {
    expect(await run('squid', cvmfs('http://a:3128|http://b:3128'), { http: half })).toMatchObject({
      verdict: 'warning',
      reason: expect.stringContaining('http://b:3128 is no help'),
    });
    expect(await run('squid', cvmfs('http://a:3128'), { http: good })).toEqual(
      ok('http://a:3128 serves'),
    );
  });

  test('none is a failure, unless DIRECT is left', async () => {
    expect((await run('squid', cvmfs('http://b:3128'), {})).verdict).toBe('failed');
    expect(await run('squid', cvmfs('http://b:3128;DIRECT'), {})).toMatchObject({
      verdict: 'warning',
      reason: expect.stringContaining('DIRECT is left'),
    });
    expect(await run('squid', cvmfs('auto;http://b:3128'), {})).toMatchObject({
      verdict: 'warning',
      reason: expect.stringContaining('auto is left'),
    });
  });

  test.each([
    ['denial', { status: 403 }, 'denies us'],
    ['garbage', { body: '<html>' }, 'answers 200 and no manifest'],
    ['an error page', { status: 503, body: MANIFEST }, 'answers 503'],
  ])('%s is told apart', async (_what, answer, said) => {
    expect(
      await run('squid', cvmfs('http://a:3128'), { http: answering(() => answer) }),
    ).toMatchObject({ verdict: 'failed', reason: expect.stringContaining(said) });
  });

  test('is asked for the manifest of the first repository', async () => {
    const paths: string[] = [];
    const http = answering(path => {
      paths.push(path);
      return { body: MANIFEST };
    });
    await run(
      'squid',
      { ...cvmfs('http://a:3128'), checks: { stratumOne: 'http://s1.example.org' } },
      { http },
    );
    expect(paths).toEqual(['http://s1.example.org/cvmfs/a.cern.ch/.cvmfspublished']);
  });
});

describe('all checks', () => {
  test('one that hangs or breaks spoils none of the others', async () => {
    const clock = createManualClock();
    const checks = [
      { name: 'disk' as const, run: () => new Promise<never>(() => undefined) },
      { name: 'memory' as const, run: () => Promise.reject(new Error('broken')) },
      { name: 'dns' as const, run: async () => ok('fine') },
    ];
    const results = runChecks(input(), portsOf({ clock }), checks);
    await clock.advance(200_000);
    expect(await results).toMatchObject([
      { check: 'disk', verdict: 'failed', reason: 'not done within 120 s' },
      { check: 'memory', verdict: 'failed', reason: 'broken' },
      { check: 'dns', verdict: 'ok' },
    ]);
    expect(unfitBecause(await results)).toBe('disk: not done within 120 s; memory: broken');
  });

  test('those that the context skips are skipped', async () => {
    const checks = [{ name: 'disk' as const, run: () => Promise.reject(new Error('broken')) }];
    expect(await runChecks(input({ checks: { skip: ['disk'] } }), portsOf(), checks)).toMatchObject(
      [{ verdict: 'skipped' }],
    );
  });

  test('of several outcomes the gravest counts', () => {
    expect(gravest([ok('a'), warning('b'), warning('c')], '')).toEqual(warning('b; c'));
    expect(gravest([], 'nothing to look at')).toEqual({
      verdict: 'skipped',
      reason: 'nothing to look at',
    });
  });
});
