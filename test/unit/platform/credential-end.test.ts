import { X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { credentialEndMs } from '../../../platform/credential-end.ts';
import { runOnHost } from '../../support/host-exec.ts';
import { createTestFolder } from '../../support/receiver-under-test.ts';

const token = (claims: object): string =>
  `e30.${Buffer.from(JSON.stringify(claims)).toString('base64url')}.c2ln`;

/** A certificate that ends after so many days, by the openssl command. */
const certificate = async (days: number): Promise<string> => {
  const folder = createTestFolder();
  const [key, cert] = [join(folder, 'key'), join(folder, 'cert')];
  const newKey = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];
  const into = ['-keyout', key, '-out', cert];
  await runOnHost('openssl', [
    'req',
    '-x509',
    ...newKey,
    '-subj',
    '/CN=x',
    '-days',
    `${days}`,
    ...into,
  ]);
  return readFileSync(cert, 'utf8');
};

describe('a credential ends', () => {
  test('as a token says by its expiry, in seconds', () => {
    expect(credentialEndMs(token({ exp: 1_800_000_000 }))).toBe(1_800_000_000_000);
    expect(credentialEndMs(`${token({ exp: 1.5 })}\n`)).toBe(1500);
  });

  test('as the first certificate of its chain does', async () => {
    const [long, short] = [await certificate(20), await certificate(2)];
    const ends = (pem: string): number => new X509Certificate(pem).validToDate.getTime();
    expect(credentialEndMs(long)).toBe(ends(long));
    expect(credentialEndMs(`${long}-----BEGIN PRIVATE KEY-----\nx\n${short}`)).toBe(ends(short));
    expect(credentialEndMs(`${long}${short.replace('MII', 'xxx')}`)).toBeUndefined();
  });

  test.each([
    ['', 'a password', 'a.b', 'e30.e30.'],
    [token({}), token({ exp: 'soon' }), token({ exp: -1 }), token({ exp: 1e13 }), 'e30.bm8.c2ln'],
    ['-----BEGIN CERTIFICATE-----\nx\n-----END CERTIFICATE-----'],
  ])('at a time that none of %j tells', (...contents) => {
    for (const content of contents) expect(credentialEndMs(content)).toBeUndefined();
  });

  test('at a time that can be written, whatever it holds', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc.jsonValue().map(exp => token({ exp })),
        ),
        content => {
          const end = credentialEndMs(content);
          if (end !== undefined) expect(new Date(end).toISOString()).toMatch(/Z$/);
        },
      ),
    );
  });
});
