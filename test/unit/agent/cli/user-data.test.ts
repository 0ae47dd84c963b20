import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { afterAll, describe, expect, test } from 'vitest';
import { COMMAND_GROUPS, COMMANDS } from '../../../../agent/cli/commands.ts';
import { parseCommandLine } from '../../../../agent/cli/parser.ts';
import { readUserData } from '../../../../agent/context/formats/read-user-data.ts';
import { parseContext } from '../../../../agent/context/parse.ts';

const SAMPLE = join(import.meta.dirname, '../../../../cloud-init/samples/single-vo.yaml');

const folder = mkdtempSync(join(tmpdir(), 'pilotage-user-data-'));
afterAll(() => rmSync(folder, { recursive: true }));
const at = (name: string): string => join(folder, name);
const write = (name: string, text: string): string => {
  writeFileSync(at(name), text, { mode: 0o600 });
  return at(name);
};
const SECRET = write('secret', 's3cret\n');

const call = async (...args: string[]) => {
  const written = { out: '', err: '' };
  const command = ['user-data', ...args];
  const parsed = await parseCommandLine(command, COMMANDS, COMMAND_GROUPS, 'v', () => undefined);
  if (parsed === undefined) return expect.fail('yargs answered by itself');
  const handler = await parsed.command.load();
  const code = await handler(parsed.values, {
    out: text => {
      written.out += text;
    },
    err: text => {
      written.err += text;
    },
    signal: new AbortController().signal,
  });
  expect(code).toBe(0);
  return written;
};
const contextIn = (bytes: Buffer | string) =>
  parseContext(readUserData('u', Buffer.from(bytes))).context;

describe('user-data', () => {
  test('begins with a sample, and answers go before it', async () => {
    const { out, err } = await call(
      ...['--cloud', 'openstack', '--from', SAMPLE, '--site', 'MINE'],
      ...['--enrolment-secret-file', SECRET, '--repositories', 'atlas.cern.ch'],
    );
    const { identity, receiver, cvmfs, pilots } = contextIn(out);
    expect(identity.site).toBe('MINE');
    expect(receiver?.enrolmentSecret).toBe('s3cret');
    expect(cvmfs?.repositories).toEqual(['atlas.cern.ch']);
    expect(pilots?.kind === 'command' && pilots.command[0]).toBe(
      '/cvmfs/vo.example.org/pilot/start-pilot',
    );
    expect(err).toMatch(/^OpenStack: \d+ of 65535 bytes, as it is; openstack server create/m);
    expect(err).toContain('note: receiver.pin: still a placeholder');
    expect(err).not.toContain('s3cret');
  });

  test('is written closed to others, and compressed where it must be', async () => {
    const large = write('large.yaml', `version: 1\nx-own: ${'a'.repeat(20_000)}\n`);
    const { out, err } = await call(
      ...['--cloud', 'ec2', '--context', large, SAMPLE, '--output', at('out')],
    );
    expect(out).toBe('');
    expect(err).toContain(`gzip; aws ec2 run-instances --user-data fileb://${at('out')}`);
    expect(statSync(at('out')).mode & 0o777).toBe(0o600);
    expect(gunzipSync(readFileSync(at('out'))).toString()).toMatch(/^#cloud-config\n/);
    expect(contextIn(readFileSync(at('out'))).receiver).toBeDefined();
  });

  test('takes answers from a file, whose names lie beside it; an option goes before them', async () => {
    write('secret-beside', 'other');
    const answers = write(
      'answers.yaml',
      [
        'cloud: nocloud',
        'form: mime',
        'receiver-url: https://receiver.example.org',
        'enrolment-secret-file: secret-beside',
        'site: FILE',
        'vo: atlas',
        "command: [/bin/sh, -c, 'sleep 1; true']",
        'part: [hello.sh]',
      ].join('\n'),
    );
    write('hello.sh', '#!/bin/sh\necho hello\n');
    const { out } = await call(
      ...['--answers', answers, '--site', 'OPTION'],
      ...['--meta-data', at('meta-data'), '--instance-id', 'vm-1'],
    );
    expect(contextIn(out)).toMatchObject({
      receiver: { url: 'https://receiver.example.org', enrolmentSecret: 'other' },
      identity: { site: 'OPTION', vo: 'atlas' },
      pilots: { kind: 'command', command: ['/bin/sh', '-c', 'sleep 1; true'] },
    });
    expect(out).toContain('echo hello');
    expect(readFileSync(at('meta-data'), 'utf8')).toBe('instance-id: vm-1\nlocal-hostname: vm-1\n');
  });

  test('of several contexts the later go before', async () => {
    const first = write('1.yaml', 'version: 1\nhold: 1m\npilots: {kind: command, command: [/a]}\n');
    const second = write('2.yaml', 'version: 1\nhold: 2m\n');
    const { out } = await call('--cloud', 'gce', '--context', first, '--context', second);
    expect(contextIn(out).hold).toBe(120_000);
  });

  test('an X.509 proxy keeps its lines', async () => {
    const proxy = '-----BEGIN CERTIFICATE-----\nMADEUP\n-----END CERTIFICATE-----\n';
    const file = write('proxy', proxy);
    const { out } = await call('--cloud', 'azure', '--pilot-proxy-file', file, '--form', 'plain');
    expect(contextIn(out).credentials).toMatchObject([
      { name: 'pilot-proxy', variable: 'X509_USER_PROXY', content: proxy },
    ]);
  });
});

const bad = write('bad.yaml', 'version: 1\npilotz: 1\n');
const typo = write('typo.yaml', '\ncloud: ec2\nproxies: a b\n');
describe('user-data is refused', () => {
  test.each([
    [[], 'which cloud is it for? remedy: --cloud, one of: ec2, openstack'],
    [['--cloud', 'aws'], 'Choices: "ec2"'],
    [['--cloud', 'ec2'], 'there is nothing to render; remedy: --from'],
    [['--cloud', 'gce', '--encoding', 'gzip', '--site', 'A'], '--encoding gzip is not for Google'],
    [
      ['--cloud', 'ec2', '--proxies', 'a b'],
      '--proxies a b: not understood; remedy: a CVMFS proxy string',
    ],
    [['--answers', typo], `${typo}:3: proxies: not understood; remedy: a CVMFS proxy string`],
    [['--cloud', 'ec2', '--context', bad], `${bad}:2: pilotz: unknown key`],
    [['--cloud', 'ec2', '--context', at('none')], `there is no file ${at('none')}`],
    [['--cloud', 'ec2', '--from', SAMPLE, '--encoding', 'gzip'], 'gzip is no text for a terminal'],
    [['--cloud', 'ec2', '--from', SAMPLE, '--meta-data', at('m')], 'for --cloud nocloud alone'],
    [['--cloud', 'nocloud', '--from', SAMPLE, '--meta-data', at('m')], 'needs --instance-id'],
    [
      ['--cloud', 'ec2', '--receiver-url', 'https://r.example.org'],
      'receiver.enrolmentSecret: missing',
    ],
  ])('%j', async (args, why) => {
    await expect(call(...args)).rejects.toThrow(why);
  });
});
