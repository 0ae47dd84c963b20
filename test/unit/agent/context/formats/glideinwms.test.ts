import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { readUserData } from '../../../../../agent/context/formats/read-user-data.ts';
import { needPilots, noticesOf } from '../../../../../agent/context/notices.ts';
import { parseContext } from '../../../../../agent/context/parse.ts';
import type { Problem } from '../../../../../agent/context/problem.ts';
import { isPilotageError } from '../../../../../platform/errors.ts';
import {
  ARGS,
  archive,
  b64,
  EXTRA_ARGS,
  GLIDEINWMS_SAMPLES,
  ini,
  PROXY,
  packedProxy,
  TOKEN,
  tarEntry,
} from '../../../../fixtures/context/glideinwms-samples.ts';

const FOLDER = join(import.meta.dirname, '../../../../fixtures/context/glideinwms');
const read = (data: string | Buffer) => parseContext(readUserData('u', Buffer.from(data)));
const sample = (name: string) => read(readFileSync(join(FOLDER, name))).context;

const problemOf = (data: string): Problem => {
  try {
    read(data);
  } catch (error) {
    if (!isPilotageError(error)) throw error;
    return (error.context.problems as Problem[])[0] ?? expect.fail('no problem');
  }
  return expect.fail('it was accepted');
};

const HOUR = 3_600_000;
const proxy = { name: 'pilot_proxy', variable: 'X509_USER_PROXY', content: PROXY };
const token = { name: 'credential_frontend.idtoken', content: TOKEN };

describe('user-data of glideinWMS', () => {
  test.each(Object.keys(GLIDEINWMS_SAMPLES))('%s tells of the glidein', name => {
    const { glidein, identity } = sample(name);
    expect(glidein).toMatchObject({
      webbase: 'http://factory.example.org:8319/factory/stage/',
      args: `${ARGS} ${EXTRA_ARGS}`.split(' '),
      factory: 'EXAMPLE-ITB',
      glidein: 'gfactory_instance',
      entry: 'EXAMPLE_CLOUD_eu-west',
      contextualizationType: 'EC2',
      disableShutdown: false,
    });
    expect(identity.endpoint).toBe('EXAMPLE_CLOUD_eu-west');
  });

  test.each([
    ['today.txt', [proxy]],
    ['today-with-token.txt', [proxy, token]],
    ['today-token-only.txt', [token]],
    ['without-names.txt', [proxy]],
    ['without-names-with-token.txt', [proxy, token]],
    ['archive.txt', [proxy]],
  ])('%s brings its credentials', (name, credentials) => {
    expect(sample(name).credentials).toMatchObject(credentials);
  });

  test.each([
    ['today.txt', 12 * HOUR, 6 * HOUR],
    ['today-with-token.txt', 48 * HOUR, 6 * HOUR],
    ['today-token-only.txt', 2 * HOUR, HOUR],
    ['without-names.txt', 48 * HOUR, 6 * HOUR],
  ])('%s has its life time, with room for work', (name, max, payload) => {
    expect(sample(name).policies.lifetime).toMatchObject({ max, payload });
  });

  test('says what has no place in a context', () => {
    const [text] = readUserData('u', readFileSync(join(FOLDER, 'without-names-with-token.txt')));
    expect(text?.text).toContain('# Without a place here: vm_properties.admin_email\n');
  });

  test('needs nothing beside it: its pilots are that glidein', () => {
    const parsed = read(readFileSync(join(FOLDER, 'today.txt')));
    expect(() => needPilots(parsed)).not.toThrow();
    expect(noticesOf(parsed)).toEqual([]);
    expect(parsed.context.pilots).toMatchObject({
      kind: 'glideinwms',
      restart: 'on-failure',
      slots: 'pool',
    });
  });

  test('lets a site say how its pilots run', () => {
    const pilots = 'version: 1\npilots: {restart: always, vacate: 5m}';
    const { context } = parseContext([
      ...readUserData('u', readFileSync(join(FOLDER, 'today.txt'))),
      { name: 'p', text: pilots },
    ]);
    expect(context.pilots).toMatchObject({ kind: 'glideinwms', restart: 'always' });
  });

  test.each([
    ['version: 1\nglidein: {webbase: "http://f.example.org"}', 'p:2: pilots: missing: '],
    ['version: 1\npilots: {kind: glideinwms}', 'p:2: pilots.webbase: missing: '],
  ])('in pieces is refused: %j', (text, told) => {
    expect(() => needPilots(parseContext([{ name: 'p', text }]))).toThrow(told);
  });

  test('beside pilots of another kind is kept, and named', () => {
    const text =
      'version: 1\nglidein: {webbase: "http://f.example.org"}\npilots: {kind: command, command: [/bin/true]}';
    const parsed = parseContext([{ name: 'p', text }]);
    expect(() => needPilots(parsed)).not.toThrow();
    expect(noticesOf(parsed)[0]).toContain('pilots of the kind command are run instead');
  });
});

const today = (metadata: string, rest = `####${EXTRA_ARGS}####${packedProxy()}`): string =>
  `glideinwms_metadata=${b64(metadata)}${rest}`;

describe('it is refused with its place:', () => {
  const good = ini(43_200);
  test.each<[string, string, Partial<Problem>]>([
    ['no INI', today('nonsense'), { code: 'glideinwms-damaged', line: 1 }],
    [
      'metadata cut off',
      'glideinwms_metadata=abcde####x',
      { code: 'glideinwms-damaged', key: 'glideinwms_metadata' },
    ],
    [
      'no metadata',
      'glideinwms_metadata=',
      { code: 'glideinwms-damaged', key: 'glideinwms_metadata' },
    ],
    [
      'no credential',
      today(good, '####'),
      { code: 'glideinwms-damaged', key: 'glidein_credentials' },
    ],
    [
      'a proxy that is none',
      today(good, `########${b64('hello')}`),
      { code: 'glideinwms-damaged', key: 'glidein_credentials' },
    ],
    [
      'a token that is none',
      today(good, `####x####a!b####${packedProxy()}`),
      { code: 'glideinwms-damaged', key: 'idtoken' },
    ],
    ['too many elements', today(good, '####a####b####c####d'), { code: 'glideinwms-damaged' }],
    [
      'no webbase',
      today(good.replace(/webbase.*/, '')),
      { code: 'missing-key', key: 'glidein_startup.webbase' },
    ],
    [
      'a webbase that is none',
      today(good.replace(/webbase.*/, 'webbase = $(reboot)')),
      { code: 'wrong-value', line: 5, key: 'glidein_startup.webbase' },
    ],
    [
      'a name that leads elsewhere',
      today(good.replace('pilot_proxy', '../../etc/shadow')),
      { code: 'wrong-value', line: 4, key: 'glidein_startup.proxy_file_name' },
    ],
    [
      'arguments for a shell',
      today(good.replace('-v std', '-v $(reboot)')),
      { code: 'wrong-value', line: 2, key: 'glidein_startup.args' },
    ],
    [
      'no life time',
      today(good.replace('43200', 'soon')),
      { code: 'glideinwms-damaged', line: 8, key: 'vm_properties.max_lifetime' },
    ],
    [
      'neither yes nor no',
      today(good.replace('False', 'perhaps')),
      { code: 'wrong-value', line: 10, key: 'vm_properties.disable_shutdown' },
    ],
    [
      'one name for two',
      today(
        good.replace('credential_frontend.idtoken', 'pilot_proxy'),
        `####x####${TOKEN}####${packedProxy()}`,
      ),
      { code: 'glideinwms-damaged' },
    ],
    [
      'an archive without user-data',
      `${archive([tarEntry('proxy', PROXY)])}####`,
      { code: 'glideinwms-damaged', key: 'glidein_userdata' },
    ],
    [
      'an archive whose names lead elsewhere',
      `${archive([tarEntry('../proxy', PROXY), tarEntry('/glidein_userdata', good)])}####`,
      { code: 'glideinwms-damaged', key: 'glidein_userdata' },
    ],
  ])('%s', (_what, data, problem) => {
    expect(problemOf(data)).toMatchObject({ file: expect.stringMatching(/^u/), ...problem });
  });
});
