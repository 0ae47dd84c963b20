import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { stringify } from 'yaml';
import { readUserData } from '../../../../../agent/context/formats/read-user-data.ts';
import { parseContext } from '../../../../../agent/context/parse.ts';
import { CLOUDS } from '../../../../../agent/context/user-data/clouds.ts';
import {
  type Given,
  readGivenContext,
  readGivenPart,
} from '../../../../../agent/context/user-data/given-file.ts';
import { handedOver } from '../../../../../agent/context/user-data/hand-over.ts';
import { renderUserData } from '../../../../../agent/context/user-data/render.ts';
import { CLOUD_NAMES, FORMS } from '../../../../../agent/context/user-data/words.ts';
import { STAND_INS } from '../../../../../agent/context/vm-facts.ts';
import { validContext } from '../../../../fuzz/context/valid.ts';
import { unpacked, userDataInVm } from '../../../../support/user-data-of-cloud.ts';

const SAMPLES = join(import.meta.dirname, '../../../../../cloud-init/samples');
const given = (...texts: string[]): Given[] =>
  texts.map((text, index) => readGivenContext(`${index}.yaml`, Buffer.from(text)));
const mergedOf = (bytes: Buffer): unknown =>
  parseContext(readUserData('u', bytes), STAND_INS).written;

const receiver = {
  version: 1,
  receiver: { url: 'https://receiver.example.org:8443', enrolmentSecret: 'é "$`\\\' 🦑\t#: {' },
};
const ways = CLOUD_NAMES.flatMap(cloud =>
  FORMS.flatMap(form => CLOUDS[cloud].encodings.map(encoding => ({ cloud, form, encoding }))),
);

describe.each(ways)('for $cloud as $form, $encoding', ({ cloud, form, encoding }) => {
  test('any context reaches the VM as it was given', () => {
    fc.assert(
      fc.property(fc.array(validContext, { minLength: 1, maxLength: 3 }), contexts => {
        const texts = [...contexts, receiver].map(one => stringify(one));
        const { packed, text } = renderUserData({ cloud, form, encoding, given: given(...texts) });
        const arrived = userDataInVm(cloud, handedOver(cloud, packed), encoding);
        expect(unpacked(arrived)).toBe(text);
        const inOrder = texts.map((text, index) => ({ name: String(index), text }));
        expect(mergedOf(arrived)).toEqual(parseContext(inOrder, STAND_INS).written);
      }),
      { numRuns: 4 },
    );
  });
});

describe.each(readdirSync(SAMPLES))('the sample %s', name => {
  test.each(CLOUD_NAMES)('fits %s as it comes', cloud => {
    const bytes = readFileSync(join(SAMPLES, name));
    const { packed } = renderUserData({
      cloud,
      form: 'cloud-config',
      given: [readGivenContext(name, bytes)],
    });
    expect(packed.counted).toBeLessThanOrEqual(packed.limit.bytes);
    const arrived = userDataInVm(cloud, handedOver(cloud, packed), packed.encoding);
    expect(mergedOf(arrived)).toEqual(mergedOf(bytes));
  });
});

const PILOTS = 'version: 1\npilots: {kind: command, command: [/bin/true]}\n';
const BASE = `#cloud-config
# Why squid is here.
packages: [squid]
write_files:
  - path: /usr/local/sbin/start
    permissions: 0755
    content: '#!/bin/sh'
  - path: /etc/pilotage/context.d/50-x.yaml
    content: |
      version: 1
      pilots: {kind: command, command: [/usr/local/sbin/start]}
`;
const render = (form: 'cloud-config' | 'mime' | 'plain', ...all: Given[]) =>
  renderUserData({ cloud: 'nocloud', form, given: all }).text;

describe('what else a cloud-config does', () => {
  const base = readGivenContext('base.yaml', Buffer.from(BASE));

  test('stays in it, as cloud-init reads it', () => {
    const text = render('cloud-config', base, ...given('version: 1\nhold: 5m\n'));
    expect(text).toContain('# Why squid is here.\npackages: [squid]\n');
    expect(text).toContain('permissions: 0755\n');
    expect(text.match(/path: /g)).toHaveLength(3);
  });

  test('becomes a part that is joined with the context', () => {
    const text = render('mime', base, readGivenPart('a b.sh', Buffer.from('#!/bin/sh\ntrue\n')));
    expect(text.match(/^Merge-Type: list\(append\)/gm)).toHaveLength(1);
    expect(text).toContain('filename="a-b.sh"\n\n#!/bin/sh\ntrue\n');
    expect(text).toContain('packages: [squid]');
  });

  test.each([
    ['plain', [base]],
    ['plain', [...given(PILOTS), readGivenPart('s', Buffer.from('#!/bin/sh\n'))]],
    ['cloud-config', [...given(PILOTS), readGivenPart('s', Buffer.from('#!/bin/sh\n'))]],
    ['cloud-config', [base, { ...base, name: 'second.yaml' }]],
  ] as const)('is not lost as %s: refused', (form, all) => {
    expect(() => render(form, ...all)).toThrow(/it does more than the form \S+ can carry; remedy:/);
  });
});

describe('what no VM could use is refused', () => {
  test.each([
    ['version: 1\npilotz: 1\n', /^0\.yaml:2: pilotz: unknown key; remedy: did you mean pilots/],
    [
      'version: 1\nglidein: {webbase: http://factory.example.org/stage}\n',
      /^0\.yaml:2: pilots: missing: nothing would run the glidein; remedy: /,
    ],
    [
      'version: 1\npilots: {kind: glideinwms}\n',
      /^0\.yaml:2: pilots\.webbase: missing: .*; remedy: /,
    ],
  ])('%j', (text, why) => {
    expect(() => renderUserData({ cloud: 'ec2', form: 'mime', given: given(text) })).toThrow(why);
  });

  test('a part that cloud-init does not know', () => {
    expect(() => readGivenPart('notes.txt', Buffer.from('hello'))).toThrow(/--context/);
  });
});

test('a person is told of placeholders, of missing pilots, and of what was not taken', () => {
  const text = 'version: 1\ncredentials: [{name: a, content: replace-with-a-token}]\n';
  const mime = `Content-Type: multipart/mixed; boundary="B"\nMIME-Version: 1.0\n\n--B\n\n${text}\n--B--\n`;
  const { notices } = renderUserData({
    cloud: 'ec2',
    form: 'cloud-config',
    given: [readGivenContext('message', Buffer.from(mime))],
  });
  expect(notices).toEqual([
    'message: just its contexts are taken',
    'credentials.0.content: still a placeholder of the sample',
    'it has no pilots: the VM will run none',
  ]);
});
