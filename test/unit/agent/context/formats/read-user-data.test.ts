import { gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { readUserData } from '../../../../../agent/context/formats/read-user-data.ts';
import { parseContext } from '../../../../../agent/context/parse.ts';
import type { Problem } from '../../../../../agent/context/problem.ts';
import { isPilotageError } from '../../../../../platform/errors.ts';

const PLAIN = 'version: 1\nidentity: {site: Zürich}\n';
const bytes = (text: string): Buffer => Buffer.from(text);
const b64 = (data: Buffer | string): string => Buffer.from(data).toString('base64');

/** The site that comes out, by way of the schema. */
const siteOf = (data: Buffer): string | undefined =>
  parseContext(readUserData('u', data)).context.identity.site;

/** The first problem with it. */
const problemOf = (data: Buffer): Problem => {
  try {
    parseContext(readUserData('u', data));
  } catch (error) {
    if (!isPilotageError(error)) throw error;
    return (error.context.problems as Problem[])[0] ?? expect.fail('no problem');
  }
  return expect.fail('it was accepted');
};

const cloudConfig = (...files: [path: string, rest: string][]): string =>
  [
    '#cloud-config',
    'write_files:',
    ...files.map(([path, rest]) => `- path: /etc/pilotage/context.d/${path}\n  ${rest}`),
    '',
  ].join('\n');

const multipart = (parts: string[], boundary = '==B=='): string =>
  [
    `Content-Type: multipart/mixed; boundary="${boundary}"`,
    'MIME-Version: 1.0',
    '',
    ...parts.flatMap(part => [`--${boundary}`, part]),
    `--${boundary}--`,
    '',
  ].join('\n');
const part = (type: string, content: string, ...headers: string[]): string =>
  [`Content-Type: ${type}`, ...headers, '', content].join('\n');

const plainFile = cloudConfig(['50.yaml', `content: ${JSON.stringify(PLAIN)}`]);

describe('a context comes out of', () => {
  test.each<[string, Buffer]>([
    ['YAML', bytes(PLAIN)],
    ['JSON', bytes('{"version":1,"identity":{"site":"Zürich"}}')],
    ['YAML with CRLF', bytes(PLAIN.replaceAll('\n', '\r\n'))],
    ['YAML with a byte order mark', bytes(`\uFEFF${PLAIN}`)],
    ['gzip', gzipSync(PLAIN)],
    ['base64', bytes(b64(PLAIN))],
    ['base64 in lines', bytes(b64(PLAIN).replace(/.{20}/g, '$&\r\n'))],
    ['base64 of gzip of base64', bytes(b64(gzipSync(b64(PLAIN))))],
    ['a cloud-config', bytes(plainFile)],
    ['a cloud-config with CRLF', bytes(plainFile.replaceAll('\n', '\r\n'))],
    [
      'b64 in a cloud-config',
      bytes(cloudConfig(['5.yaml', `encoding: b64\n  content: ${b64(PLAIN)}`])),
    ],
    [
      'gz+b64 in a cloud-config',
      bytes(cloudConfig(['5.yaml', `encoding: gz+b64\n  content: ${b64(gzipSync(PLAIN))}`])),
    ],
    [
      'binary gz in a cloud-config',
      bytes(cloudConfig(['5.yaml', `encoding: gzip\n  content: !!binary ${b64(gzipSync(PLAIN))}`])),
    ],
    [
      'a cloud-config that appends',
      bytes(
        cloudConfig(
          ['5.yaml', 'content: "version: 1\\n"'],
          ['5.yaml', 'append: true\n  content: "identity: {site: Zürich}\\n"'],
        ),
      ),
    ],
    ['a multi-part message', bytes(multipart([part('text/cloud-config', plainFile)]))],
    [
      'one with a script beside it',
      bytes(
        multipart([
          part('text/x-shellscript', '#!/bin/sh\nreboot'),
          part('text/cloud-config', plainFile),
        ]),
      ),
    ],
    [
      'one with CRLF',
      bytes(multipart([part('text/cloud-config', plainFile)]).replaceAll('\n', '\r\n')),
    ],
    [
      'one with base64',
      bytes(
        multipart([part('text/cloud-config', b64(plainFile), 'Content-Transfer-Encoding: base64')]),
      ),
    ],
    [
      'one with quoted-printable',
      bytes(
        multipart([
          part(
            'text/plain; charset=utf-8',
            'version: 1\nidentity: {site: Z=C3=BC=\nrich}',
            'Content-Transfer-Encoding: quoted-printable',
          ),
        ]),
      ),
    ],
    [
      'one in Latin-1 that says so',
      Buffer.from(multipart([part('text/plain; charset="iso-8859-1"', PLAIN)]), 'latin1'),
    ],
    [
      'a multi-part message in another',
      bytes(multipart([multipart([part('text/plain', PLAIN)], 'inner')])),
    ],
    [
      'the first of two cloud-configs, where the second one writes nothing',
      bytes(
        multipart([
          part('text/cloud-config', plainFile),
          part('text/cloud-config', '#cloud-config\nruncmd: [reboot]\n'),
        ]),
      ),
    ],
    ...['merge_how: list(append)+dict(recurse_array)+str()', 'merge_type: "list(append)"'].map(
      (merge): [string, Buffer] => [
        `two cloud-configs with ${merge}`,
        bytes(
          multipart([
            part('text/cloud-config', plainFile),
            part('text/cloud-config', `#cloud-config\n${merge}\nwrite_files: [{path: /x}]\n`),
          ]),
        ),
      ],
    ),
    [
      'two cloud-configs whose header merges them',
      bytes(
        multipart([
          part('text/cloud-config', plainFile),
          part(
            'text/cloud-config',
            '#cloud-config\nwrite_files: [{path: /x}]\n',
            'Merge-Type: list(append)',
          ),
        ]),
      ),
    ],
    ['a message with one part', bytes(part('text/cloud-config', plainFile, 'MIME-Version: 1.0'))],
    [
      'gzip in a part',
      bytes(
        multipart([
          part('application/x-gzip', b64(gzipSync(plainFile)), 'Content-Transfer-Encoding: base64'),
        ]),
      ),
    ],
  ])('%s', (_what, data) => {
    expect(siteOf(data)).toBe('Zürich');
  });

  test('several parts, merged in their order', () => {
    const parts = ['A', 'B'].map(site =>
      part('text/plain', `version: 1\nidentity: {site: ${site}}`),
    );
    expect(siteOf(bytes(multipart(parts)))).toBe('B');
  });
});

const nest = (depth: number): Buffer =>
  Array.from({ length: depth }).reduce<Buffer>(inner => gzipSync(inner), bytes(PLAIN));

describe('it is refused with its place:', () => {
  test.each<[string, Buffer, Partial<Problem>]>([
    ['nothing', bytes(' \n'), { code: 'empty' }],
    ['too much', Buffer.alloc(2_000_000, 'a'), { code: 'too-large' }],
    ['a bomb', gzipSync(Buffer.alloc(50_000_000)), { code: 'too-large' }],
    ['a bomb in a bomb', gzipSync(gzipSync(Buffer.alloc(50_000_000, 'a'))), { code: 'too-large' }],
    ['too many layers', nest(12), { code: 'wrapped-too-deeply' }],
    ['cut-off gzip', gzipSync(PLAIN).subarray(0, 30), { code: 'gzip-damaged' }],
    ['cut-off base64', bytes(b64(PLAIN).slice(0, 29)), { code: 'base64-damaged', line: 1 }],
    ['a NUL byte', bytes('version: 1\nhold: "2\0m"'), { code: 'not-text', line: 2 }],
    ['UTF-16', Buffer.from(`\uFEFF${PLAIN}`, 'utf16le'), { code: 'not-text', line: 1 }],
    ['Latin-1', Buffer.from(PLAIN, 'latin1'), { code: 'not-text', line: 2 }],
    ['a script', bytes('#!/bin/sh\n'), { code: 'script', line: 1 }],
    [
      'a template of Vac',
      bytes('#!/bin/sh\nX=##user_data_space##\n'),
      { code: 'macro-left', line: 2, key: '##user_data_space##' },
    ],
    [
      'amiconfig',
      bytes('#!/bin/sh\nexit\n[cernvm]\norganisations=x\n'),
      { code: 'amiconfig', line: 3, key: '[cernvm]' },
    ],
    [
      'amiconfig in a part',
      bytes(multipart([part('text/amiconfig-user-data', 'x=1')])),
      { code: 'amiconfig', line: 7 },
    ],
    ['an include', bytes('#include\nhttp://example.org'), { code: 'cloud-init-only', line: 1 }],
    [
      'a cloud-config without a context',
      bytes('#cloud-config\nruncmd: [reboot]\n'),
      { code: 'no-context' },
    ],
    [
      'a cloud-config that is no YAML',
      bytes('#cloud-config\nwrite_files: [\n'),
      { code: 'not-yaml' },
    ],
    [
      'scripts alone',
      bytes(multipart([part('text/x-shellscript', '#!/bin/sh')])),
      { code: 'no-context' },
    ],
    [
      'an unknown encoding',
      bytes(cloudConfig(['5.yaml', 'encoding: rot13\n  content: x'])),
      { code: 'wrong-value', line: 4, key: 'write_files.encoding' },
    ],
    [
      'a message that was cut off',
      bytes(multipart([part('text/plain', PLAIN)]).slice(0, -6)),
      { code: 'mime-damaged' },
    ],
    [
      'a message without boundary',
      bytes('Content-Type: multipart/mixed\n\nx'),
      { code: 'mime-damaged' },
    ],
    [
      'too many parts',
      bytes(multipart(Array(65).fill(part('text/plain', PLAIN)))),
      { code: 'too-many' },
    ],
    ['a word', bytes('hello'), { code: 'not-an-object', line: 1 }],
    [
      'a mistake in a part',
      bytes(multipart([part('text/plain', 'version: 1\nhold: 5')])),
      { code: 'wrong-value', line: 8, key: 'hold' },
    ],
  ])('%s', (_what, data, problem) => {
    expect(problemOf(data)).toMatchObject({ file: expect.stringMatching(/^u/), ...problem });
  });
});
