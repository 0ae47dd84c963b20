import { gzipSync } from 'node:zlib';
import fc from 'fast-check';

/** Ways to pack user-data into something else, sound and less so. */
type Wrap = (inner: Buffer) => Buffer;

const text =
  (build: (inner: string) => string): Wrap =>
  inner =>
    Buffer.from(build(inner.toString('latin1')), 'latin1');
const b64 = (inner: Buffer): string => inner.toString('base64');

const part = (headers: string, body: string): string => `--=B\n${headers}\n\n${body}\n`;
const mime = (...parts: string[]): string =>
  `Content-Type: multipart/mixed; boundary="=B"\nMIME-Version: 1.0\n\n${parts.join('')}--=B--\n`;
const cloudConfig = (rest: string): string =>
  `#cloud-config\nwrite_files:\n- path: /etc/pilotage/context.d/50.yaml\n  ${rest}\n`;

const WRAPS: readonly Wrap[] = [
  inner => gzipSync(inner, { level: 1 }),
  inner => Buffer.from(b64(inner)),
  inner => Buffer.from(b64(inner).replace(/.{76}/g, '$&\r\n')),
  inner => Buffer.concat([Buffer.from([0xef, 0xbb, 0xbf]), inner]),
  text(inner => inner.replaceAll('\n', '\r\n')),
  inner =>
    Buffer.from(
      mime(part('Content-Type: text/plain\nContent-Transfer-Encoding: base64', b64(inner))),
    ),
  text(inner => mime(part('Content-Type: text/cloud-config', inner))),
  text(inner => mime(part('Content-Type: text/plain; charset=utf-8', inner))),
  text(inner =>
    mime(
      part('Content-Type: text/x-shellscript', '#!/bin/sh'),
      part('Content-Type: text/plain', inner),
    ),
  ),
  text(inner =>
    mime(
      part(
        'Content-Type: text/plain\nContent-Transfer-Encoding: quoted-printable',
        inner.replaceAll('=', '=3D'),
      ),
    ),
  ),
  inner => Buffer.from(cloudConfig(`encoding: b64\n  content: ${b64(inner)}`)),
  inner =>
    Buffer.from(cloudConfig(`encoding: gz+b64\n  content: ${b64(gzipSync(inner, { level: 1 }))}`)),
  text(inner => cloudConfig(`content: |\n${inner.replace(/^/gm, '    ')}`)),
  inner => Buffer.from(cloudConfig(`content: ${JSON.stringify(inner.toString('utf8'))}`)),
];

/** Mostly once or not at all, seldom deeper than the bound. */
const layers = fc.oneof(
  { weight: 6, arbitrary: fc.constant(0) },
  { weight: 4, arbitrary: fc.constant(1) },
  { weight: 2, arbitrary: fc.integer({ min: 2, max: 4 }) },
  { weight: 1, arbitrary: fc.integer({ min: 5, max: 10 }) },
);

export const wrapped = (inner: fc.Arbitrary<Buffer>): fc.Arbitrary<Buffer> =>
  fc
    .tuple(
      inner,
      layers.chain(depth =>
        fc.array(fc.constantFrom(...WRAPS), { minLength: depth, maxLength: depth }),
      ),
    )
    .map(([bytes, wraps]) => wraps.reduce((packed, wrap) => wrap(packed), bytes));
