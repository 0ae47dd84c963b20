import { createHash } from 'node:crypto';
import type { RequestListener } from 'node:http';
import { describe, expect, test } from 'vitest';
import { createDownload } from '../../../../agent/monitor/download.ts';
import type { Download } from '../../../../agent/pilot/kinds/kind.ts';
import { createLightHttp } from '../../../../platform/light-http.ts';
import { createLeapingClock } from '../../../support/leaping-clock.ts';
import { startLoopbackServer } from '../../../support/loopback-server.ts';

const SCRIPT = '#!/bin/sh\nexit 0\n';
const hash = (algorithm: string, text: string): string =>
  createHash(algorithm).update(text).digest('hex');

/** Fetches `/pilot.sh?v=1` of a server that answers so, by a clock whose pauses cost nothing. */
const fetchFrom = async (answer: RequestListener, also: Partial<Download> = {}) => {
  const asked: string[] = [];
  const server = await startLoopbackServer((request, response) => {
    asked.push(request.url ?? '');
    answer(request, response);
  });
  const clock = createLeapingClock();
  const download = createDownload({ http: createLightHttp, clock });
  const bytes = download({
    url: `${server.origin}/pilot.sh?v=1`,
    timeoutMs: 30_000,
    maxBytes: 1000,
    ...also,
  });
  const outcome: { text?: string; error?: unknown } = await bytes.then(
    text => ({ text: text.toString() }),
    (error: unknown) => ({ error }),
  );
  return { ...outcome, asked, pauses: clock.pauses, origin: server.origin };
};

const answer =
  (status: number, body: string, headers: Record<string, string> = {}): RequestListener =>
  (_, response) =>
    response.writeHead(status, headers).end(body);

/** Promises more than it sends, as a server that dies does. */
const cutOff: RequestListener = (_, response) => {
  response.writeHead(200, { 'content-length': '100' }).write('#!/bin/sh\n');
  setImmediate(() => response.destroy());
};

describe('a download', () => {
  test('is the file, byte by byte', async () => {
    const bytes = Buffer.from([0x23, 0x21, 0, 0xff, 0xfe, 0x80, 10]);
    const { origin } = await startLoopbackServer((_, response) => response.end(bytes));
    const download = createDownload({ http: createLightHttp, clock: createLeapingClock() });
    const options = { timeoutMs: 1000, maxBytes: 7, begins: '#!' };
    expect(await download({ url: `${origin}/x`, ...options })).toEqual(bytes);
  });

  test('is asked for once, with its query', async () => {
    const { text, asked } = await fetchFrom(answer(200, SCRIPT));
    expect({ text, asked }).toEqual({ text: SCRIPT, asked: ['/pilot.sh?v=1'] });
  });

  test.each<[string, RequestListener, Partial<Download>, { code: string; message: RegExp }]>([
    ['that is not there', answer(404, 'no'), {}, { code: 'http-refused', message: /answers 404$/ }],
    [
      'that lies elsewhere',
      answer(302, '', { location: 'http://elsewhere.example.org/' }),
      {},
      { code: 'http-refused', message: /answers 302 \(http:\/\/elsewhere\.example\.org\/\)$/ },
    ],
    [
      'that is a page',
      answer(200, '<!DOCTYPE html>\n<title>Log in</title>'),
      { begins: '#!' },
      {
        code: 'reply-invalid',
        message: /begins with "<!DOCTYPE html> <title>Log in<\/title>", not/,
      },
    ],
    [
      'that is empty',
      answer(200, ''),
      { begins: '#!' },
      { code: 'reply-invalid', message: /is empty$/ },
    ],
    [
      'that is too large',
      answer(200, '#'.repeat(1001)),
      {},
      { code: 'reply-invalid', message: /larger than 1000 bytes/ },
    ],
    [
      'of another SHA-256',
      answer(200, SCRIPT),
      { sha256: hash('sha256', 'other') },
      { code: 'reply-invalid', message: /has the sha256 [0-9a-f]{64}, not [0-9a-f]{64}$/ },
    ],
    [
      'of another SHA-1',
      answer(200, SCRIPT),
      { sha256: hash('sha256', SCRIPT), sha1: hash('sha1', 'other') },
      { code: 'reply-invalid', message: /has the sha1 / },
    ],
  ])('%s is refused at once', async (_, listener, also, error) => {
    const { asked, ...outcome } = await fetchFrom(listener, also);
    expect(outcome).toMatchObject({
      error: { code: error.code, message: expect.stringMatching(error.message) },
    });
    expect(asked).toHaveLength(1);
  });

  test('of the right hashes is taken, however they are written', async () => {
    const sha256 = hash('sha256', SCRIPT).toUpperCase();
    const { text } = await fetchFrom(answer(200, SCRIPT), { sha256, sha1: hash('sha1', SCRIPT) });
    expect(text).toBe(SCRIPT);
  });

  test.each<[string, RequestListener]>([
    ['503', answer(503, '')],
    ['429', answer(429, '')],
    ['half of it', cutOff],
  ])('is asked for again after %s', async (_, failing) => {
    let requests = 0;
    const { text, pauses } = await fetchFrom((request, response) => {
      requests += 1;
      return requests < 3 ? failing(request, response) : answer(200, SCRIPT)(request, response);
    });
    expect({ text, pauses }).toEqual({ text: SCRIPT, pauses: [1000, 2000] });
  });

  test('is given up when its time is over, with what was wrong last', async () => {
    const { error, pauses } = await fetchFrom(answer(503, ''));
    expect(error).toMatchObject({
      code: 'http-failed',
      message: expect.stringMatching(/\/pilot\.sh\?v=1 could not be had: .* answers 503$/),
    });
    expect(pauses).toEqual([1000, 2000, 4000, 8000]);
  });

  test('is not asked for again once its pilot is not wanted any more', async () => {
    const { origin } = await startLoopbackServer(() => undefined);
    const cancel = new AbortController();
    const download = createDownload({ http: createLightHttp, clock: createLeapingClock() });
    const bytes = download({ url: origin, timeoutMs: 30_000, maxBytes: 1 }, cancel.signal);
    cancel.abort();
    await expect(bytes).rejects.toMatchObject({ code: 'http-failed' });
  });

  describe('by a web proxy', () => {
    test('is asked for by its whole address', async () => {
      const proxied: string[] = [];
      const proxy = await startLoopbackServer((request, response) => {
        proxied.push(request.url ?? '');
        response.end(SCRIPT);
      });
      const { text, asked, origin } = await fetchFrom(answer(500, ''), { proxy: proxy.origin });
      expect({ text, asked }).toEqual({ text: SCRIPT, asked: [] });
      expect(proxied).toEqual([`${origin}/pilot.sh?v=1`]);
    });

    test.each<[string, RequestListener]>([
      ['is broken', answer(503, '')],
      ['refuses', answer(403, '')],
      ['gives a page of its own', answer(200, '<html>')],
    ])('that %s is passed by', async (_, listener) => {
      const proxy = await startLoopbackServer(listener);
      const also = { proxy: proxy.origin, begins: '#!' };
      const { text, pauses } = await fetchFrom(answer(200, SCRIPT), also);
      expect({ text, pauses }).toEqual({ text: SCRIPT, pauses: [] });
    });
  });
});
