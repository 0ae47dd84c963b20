import { createSecureServer } from 'node:http2';
import type { AddressInfo } from 'node:net';
import { beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import type { Trust } from '../../../platform/http.ts';
import { type Certificate, makeCertificate } from '../../support/certificates.ts';
import { startLoopbackServer } from '../../support/loopback-server.ts';
import { CLIENTS } from './http-clients.ts';

let right: Certificate;
let other: Certificate;
let elsewhere: Certificate;
beforeAll(async () => {
  [right, other, elsewhere] = await Promise.all([
    makeCertificate(),
    makeCertificate(),
    makeCertificate('DNS:elsewhere.example.org'),
  ]);
});

describe.each(CLIENTS)('%s', (_name, createHttp) => {
  const connect = (origin: string, trust?: Trust) => {
    const server = createHttp(origin, trust);
    onTestFinished(() => server.close());
    return () => server.request({ method: 'GET', path: '/', timeoutMs: 5000, maxBytes: 1000 });
  };

  const start = ({ key, cert }: Certificate) =>
    startLoopbackServer((_, response) => response.end('ok'), { key, cert });

  describe('an authority', () => {
    test('that signed the certificate is enough', async () => {
      const { origin } = await start(right);
      expect((await connect(origin, { ca: right.ca })()).body).toBe('ok');
    });

    test.each([
      ['of the system does not know it', undefined],
      ['is another one', () => other.ca],
    ])('%s', async (_, ca) => {
      const { origin } = await start(right);
      await expect(connect(origin, { ca: ca?.() })()).rejects.toMatchObject({
        code: 'http-untrusted',
        message: expect.stringContaining(origin),
      });
    });

    test('does not vouch for another name', async () => {
      const { origin } = await start(elsewhere);
      await expect(connect(origin, { ca: elsewhere.ca })()).rejects.toMatchObject({
        code: 'http-untrusted',
        context: { code: 'ERR_TLS_CERT_ALTNAME_INVALID' },
      });
    });

    test('that is no certificate is a failure like others', async () => {
      const { origin } = await start(right);
      const ca = '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n';
      await expect(connect(origin, { ca })()).rejects.toMatchObject({ name: 'PilotageError' });
    });
  });

  test('an authority is enough for a session that is resumed', async () => {
    const { origin, drop } = await start(right);
    const request = connect(origin, { ca: right.ca });
    for (let n = 1; n <= 3; n += 1) {
      expect((await request()).body).toBe('ok');
      await drop();
    }
  });

  describe('a pin', () => {
    test('of the right key needs no authority and no name', async () => {
      const { origin } = await start(elsewhere);
      expect((await connect(origin, { pin: elsewhere.pin })()).body).toBe('ok');
    });

    test('of another key refuses before anything is sent', async () => {
      let requests = 0;
      const { origin } = await startLoopbackServer(() => {
        requests += 1;
      }, right);
      await expect(connect(origin, { pin: other.pin })()).rejects.toMatchObject({
        code: 'http-untrusted',
        message: `the server's key is ${right.pin}, the pin says ${other.pin}`,
      });
      expect(requests).toBe(0);
    });

    test('is asked at each connection anew', async () => {
      const { origin, drop, connections } = await start(right);
      const request = connect(origin, { pin: right.pin });
      for (let n = 1; n <= 3; n += 1) {
        expect((await request()).body).toBe('ok');
        expect(connections()).toBe(n);
        await drop();
      }
    });

    test('refuses a server without TLS', async () => {
      const { origin } = await startLoopbackServer((_, response) => response.end('ok'));
      await expect(connect(origin, { pin: right.pin })()).rejects.toMatchObject({
        code: 'http-untrusted',
        message: expect.stringContaining('key is none'),
      });
    });
  });

  describe('the wrong protocol', () => {
    test('TLS to a plain server is a failure', async () => {
      const { port } = await startLoopbackServer((_, response) => response.end('ok'));
      await expect(connect(`https://127.0.0.1:${port}`)()).rejects.toMatchObject({
        code: 'http-failed',
      });
    });

    test('plain to a TLS server is a failure', async () => {
      const { port } = await start(right);
      await expect(connect(`http://127.0.0.1:${port}`)()).rejects.toMatchObject({
        code: 'http-failed',
      });
    });
  });

  test('HTTP/1.1 is spoken to a server that offers HTTP/2', async () => {
    const { key, cert, ca } = right;
    const server = createSecureServer({ key, cert, allowHTTP1: true }, (request, response) => {
      response.end(request.httpVersion);
    });
    await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
    onTestFinished(() => void server.close());
    const { port } = server.address() as AddressInfo;
    expect((await connect(`https://127.0.0.1:${port}`, { ca })()).body).toBe('1.1');
  });
});
