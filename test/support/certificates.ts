import { createHash, X509Certificate } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runOnHost } from './host-exec.ts';

/** A certificate of its own authority for one name, by the openssl command. */
export interface Certificate {
  key: string;
  cert: string;
  /** PEM of the authority that signed it. */
  ca: string;
  /** `sha256//…` of its key, as a context states it. */
  pin: string;
}

/** @param altName as OpenSSL writes it: `IP:127.0.0.1`, `DNS:localhost` */
export const makeCertificate = async (altName = 'IP:127.0.0.1'): Promise<Certificate> => {
  const folder = mkdtempSync(join(tmpdir(), 'pilotage-certificates-'));
  const at = (name: string): string => join(folder, name);
  const openssl = (...args: string[]) => runOnHost('openssl', args);
  const newKey = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];
  try {
    const authority = ['-x509', '-days', '2', '-subj', '/CN=Test Authority'];
    await openssl('req', ...newKey, ...authority, '-keyout', at('ca.key'), '-out', at('ca.pem'));
    await openssl('req', ...newKey, '-subj', '/CN=test', '-keyout', at('key'), '-out', at('csr'));
    writeFileSync(at('ext'), `subjectAltName=${altName}\n`);
    const signer = ['-CA', at('ca.pem'), '-CAkey', at('ca.key'), '-CAcreateserial', '-days', '2'];
    const files = ['-in', at('csr'), '-extfile', at('ext'), '-out', at('cert')];
    await openssl('x509', '-req', ...signer, ...files);
    const cert = readFileSync(at('cert'), 'utf8');
    const spki = new X509Certificate(cert).publicKey.export({ type: 'spki', format: 'der' });
    return {
      key: readFileSync(at('key'), 'utf8'),
      cert,
      ca: readFileSync(at('ca.pem'), 'utf8'),
      pin: `sha256//${createHash('sha256').update(spki).digest('base64')}`,
    };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
};
