import { createHash, X509Certificate } from 'node:crypto';
import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { createExec } from '../../../platform/exec.ts';
import { needPackages } from '../../support/debian-packages.ts';
import { createAsker, createTestFolder, startReceiver } from '../../support/receiver-under-test.ts';

const openssl = async (folder: string, ...args: string[]) => {
  await createExec().run(
    'openssl',
    args.map(arg => arg.replace('@', `${folder}/`)),
    { timeoutMs: 30_000 },
  );
};

/** An authority, and a key with its certificate for 127.0.0.1. */
const createCertificates = async (folder: string) => {
  await needPackages(['openssl']);
  mkdirSync(folder, { recursive: true });
  const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];
  const ca = ['-keyout', '@ca.key', '-out', '@ca.pem', '-subj', '/CN=Test authority', '-days', '2'];
  await openssl(folder, 'req', '-x509', ...key, ...ca);
  const server = [
    '-keyout',
    '@key.pem',
    '-out',
    '@cert.pem',
    '-subj',
    '/CN=receiver',
    '-days',
    '2',
  ];
  const name = ['-addext', 'subjectAltName=IP:127.0.0.1', '-CA', '@ca.pem', '-CAkey', '@ca.key'];
  await openssl(folder, 'req', '-x509', ...key, ...server, ...name);
  const read = (file: string) => readFileSync(join(folder, file), 'utf8');
  const cert = read('cert.pem');
  const spki = new X509Certificate(cert).publicKey.export({ type: 'spki', format: 'der' });
  const pin = `sha256//${createHash('sha256').update(spki).digest('base64')}`;
  return { ca: read('ca.pem'), tls: { cert, key: read('key.pem') }, pin };
};

it('proves itself by its authority or by its key, and to nobody else', async () => {
  const folder = createTestFolder();
  const { ca, tls, pin } = await createCertificates(join(folder, 'tls'));
  const other = await createCertificates(join(folder, 'other'));
  const { address, operatorToken, enrol } = await startReceiver({
    folder,
    config: { tls },
    trust: { pin },
  });
  expect(address).toMatch(/^https:/);
  await enrol('wn1');
  const list = (trust: object) =>
    createAsker(address, trust)('GET', '/v1/vms', { token: operatorToken });
  expect((await list({ pin })).body.vms).toHaveLength(1);
  expect((await list({ ca })).body.vms).toHaveLength(1);
  for (const trust of [{}, { ca: other.ca }, { pin: other.pin }])
    await expect(list(trust)).rejects.toMatchObject({ code: 'http-untrusted' });
});

it('speaks plain HTTP beyond loopback only when told to', async () => {
  const folder = createTestFolder();
  const { address, stop } = await startReceiver({
    folder,
    config: { listen: { host: '0.0.0.0', port: 0 }, allowPlainHttp: true },
  });
  expect(address).toMatch(/^http:\/\/0\.0\.0\.0:/);
  await stop();
  const refused = startReceiver({ folder, config: { listen: { host: '0.0.0.0', port: 0 } } });
  await expect(refused).rejects.toMatchObject({
    code: 'usage',
    message: expect.stringContaining('--tls-cert'),
  });
});

it('says so when its address is taken', async () => {
  const { address } = await startReceiver();
  const taken = startReceiver({
    config: { listen: { host: '127.0.0.1', port: Number(new URL(address).port) } },
  });
  await expect(taken).rejects.toMatchObject({ code: 'listen-failed' });
});
