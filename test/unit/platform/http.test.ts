import type { RequestListener } from 'node:http';
import { describe, expect, onTestFinished, test } from 'vitest';
import type { HttpRequest, Trust } from '../../../platform/http.ts';
import { startLoopbackServer } from '../../support/loopback-server.ts';
import { CLIENTS } from './http-clients.ts';

describe.each(CLIENTS)('%s', (_name, createHttp) => {
  const connect = (origin: string, trust?: Trust) => {
    const server = createHttp(origin, trust);
    onTestFinished(() => server.close());
    return (request: Partial<HttpRequest> = {}) =>
      server.request({ method: 'GET', path: '/', timeoutMs: 5000, maxBytes: 1000, ...request });
  };

  const start = async (listener: RequestListener) => {
    const server = await startLoopbackServer(listener);
    return { server, request: connect(server.origin) };
  };

  describe('a reply', () => {
    test('holds status, headers and body', async () => {
      const { request } = await start((_, response) => {
        response.writeHead(404, { 'x-a': 'b' }).end('nöthing');
      });
      expect(await request()).toMatchObject({
        status: 404,
        headers: { 'x-a': 'b' },
        body: 'nöthing',
      });
    });

    test('is to the method, path, headers and body that were sent', async () => {
      const { request } = await start(async (incoming, response) => {
        const body = (await incoming.toArray()).join('');
        const { method, url, headers } = incoming;
        response.end(JSON.stringify([method, url, headers.authorization, body]));
      });
      const { body } = await request({
        method: 'POST',
        path: '/v1/x?y=1',
        headers: { authorization: 'Bearer t' },
        body: 'é',
      });
      expect(JSON.parse(body)).toEqual(['POST', '/v1/x?y=1', 'Bearer t', 'é']);
    });

    test('keeps every byte where asked to', async () => {
      const bytes = Buffer.from(Array.from({ length: 256 }, (_, n) => n));
      const { request } = await start((_, response) => response.end(bytes));
      const { body } = await request({ encoding: 'latin1' });
      expect(Buffer.from(body, 'latin1').equals(bytes)).toBe(true);
    });

    test('may be waited for a part of a millisecond more or less', async () => {
      const { request } = await start((_, response) => response.end('soon'));
      expect((await request({ timeoutMs: 4999.999 })).body).toBe('soon');
    });

    test('to a proxy is for a whole address', async () => {
      const { request } = await start(({ url, headers }, response) =>
        response.end(`${url} ${headers.host}`),
      );
      const path = 'http://stratum1.example.org/cvmfs/x';
      expect((await request({ path, headers: { host: 'stratum1.example.org' } })).body).toBe(
        `${path} stratum1.example.org`,
      );
    });

    test('may be a redirect, which is not followed', async () => {
      const { server, request } = await start((_, response) => {
        response.writeHead(302, { location: '/other' }).end();
      });
      expect((await request()).status).toBe(302);
      expect(server.connections()).toBe(1);
    });

    test('ignores the proxy of the environment', async () => {
      const { request } = await start((_, response) => response.end('direct'));
      process.env.http_proxy = 'http://127.0.0.1:1';
      onTestFinished(() => void delete process.env.http_proxy);
      expect((await request()).body).toBe('direct');
    });
  });

  describe('bounds', () => {
    test('hold to the byte, whatever the server announces', async () => {
      const { request } = await start((incoming, response) => {
        const body = 'x'.repeat(1001);
        if (incoming.url === '/announced') response.setHeader('content-length', 1001);
        response.end(incoming.url === '/fits' ? body.slice(1) : body);
      });
      expect((await request({ path: '/fits' })).body).toHaveLength(1000);
      for (const path of ['/announced', '/chunked'])
        await expect(request({ path })).rejects.toMatchObject({ code: 'reply-invalid' });
      expect((await request({ path: '/fits' })).status).toBe(200);
    });

    test('cut an endless answer', async () => {
      const { request } = await start((_, response) => {
        const feed = (): void => {
          while (!response.destroyed && response.write('x'.repeat(500)));
        };
        response.on('drain', feed);
        feed();
      });
      await expect(request()).rejects.toMatchObject({ code: 'reply-invalid' });
    });

    test.each(['/silent', '/headers-only', '/half'])('time out on %s', async path => {
      const { request } = await start((incoming, response) => {
        if (incoming.url === '/headers-only') response.flushHeaders();
        if (incoming.url === '/half') response.write('half');
      });
      await expect(request({ path, timeoutMs: 150 })).rejects.toMatchObject({
        code: 'http-timeout',
        message: expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+ did not answer within 150 ms$/),
      });
    });

    test('end with the signal', async () => {
      const arrived = Promise.withResolvers<void>();
      const { request } = await start(() => arrived.resolve());
      const controller = new AbortController();
      const failure = expect(request({ signal: controller.signal })).rejects.toMatchObject({
        code: 'http-failed',
      });
      await arrived.promise;
      controller.abort();
      await failure;
    });
  });

  describe('connections', () => {
    test('are kept between requests', async () => {
      const { server, request } = await start((_, response) => response.end('ok'));
      for (let n = 0; n < 3; n += 1) await request();
      expect(server.connections()).toBe(1);
    });

    test('are made anew after the server dropped them', async () => {
      const { server, request } = await start((_, response) => response.end('ok'));
      await request();
      await server.drop();
      expect((await request()).status).toBe(200);
      expect(server.connections()).toBe(2);
    });

    test('that break in the middle of a body are a failure', async () => {
      const { request } = await start((_, response) => {
        response.setHeader('content-length', 100);
        response.write('half', () => response.destroy());
      });
      await expect(request()).rejects.toMatchObject({ code: 'http-failed' });
    });

    test('that speak no HTTP are a failure', async () => {
      const { request } = await start((_, response) => {
        response.socket?.end('220 smtp.example.org ESMTP\r\n');
      });
      await expect(request()).rejects.toMatchObject({ code: 'http-failed' });
    });

    test('that are refused are a failure', async () => {
      await expect(connect('http://127.0.0.1:1')()).rejects.toMatchObject({
        code: 'http-failed',
        message: expect.stringContaining('ECONNREFUSED'),
        context: { code: 'ECONNREFUSED' },
      });
    });

    test('a closed client ends what is under way', async () => {
      const arrived = Promise.withResolvers<void>();
      const server = await startLoopbackServer(() => arrived.resolve());
      const client = createHttp(server.origin);
      const failure = expect(
        client.request({ method: 'GET', path: '/', timeoutMs: 5000, maxBytes: 10 }),
      ).rejects.toMatchObject({ code: 'http-failed' });
      await arrived.promise;
      await client.close();
      await failure;
    });
  });
});
