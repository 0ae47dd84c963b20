import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage, RequestListener } from 'node:http';

/**
 * Enough of S3 to check an address that was signed beforehand (AWS Signature Version 4, in the query),
 * as strictly as the real one does: the signature is computed from what really arrived.
 */

export interface S3Key {
  id: string;
  secret: string;
}

interface Presigned {
  method: string;
  /** Path and query as they arrived. */
  target: string;
  headers: Readonly<Record<string, string | string[] | undefined>>;
}

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');
const hmac = (key: string | Buffer, text: string): Buffer =>
  createHmac('sha256', key).update(text).digest();
/** RFC 3986, as AWS wants it: everything but the unreserved characters. */
export const awsEncode = (text: string): string =>
  encodeURIComponent(text).replace(
    /[!'()*]/g,
    sign => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`,
  );

const canonicalQuery = (query: string): string =>
  query
    .split('&')
    .map(pair => pair.split('='))
    .map(
      ([name = '', value = '']) => [decodeURIComponent(name), decodeURIComponent(value)] as const,
    )
    .filter(([name]) => name !== 'X-Amz-Signature')
    .map(([name, value]) => `${awsEncode(name)}=${awsEncode(value)}`)
    .sort()
    .join('&');

const signatureOf = (
  { method, target, headers }: Presigned,
  { date, scope, signed }: { date: string; scope: string; signed: string },
  secret: string,
): string => {
  const [path = '', query = ''] = target.split('?');
  const names = signed.split(';');
  const request = [
    method,
    path,
    canonicalQuery(query),
    ...names.map(name => `${name}:${String(headers[name] ?? '').trim()}`),
    '',
    signed,
    'UNSIGNED-PAYLOAD',
  ].join('\n');
  const [day = '', region = '', service = ''] = scope.split('/');
  const key = [region, service, 'aws4_request'].reduce<Buffer>(
    (last, part) => hmac(last, part),
    hmac(`AWS4${secret}`, day),
  );
  const text = ['AWS4-HMAC-SHA256', date, scope, sha256(request)].join('\n');
  return hmac(key, text).toString('hex');
};

const amzDate = (ms: number): string => new Date(ms).toISOString().replace(/[-:]|\.\d{3}/g, '');

/** An address by which anybody may put one object, for so many seconds. */
export const presign = (
  { origin, path, method = 'PUT' }: { origin: string; path: string; method?: string },
  key: S3Key,
  { atMs, seconds }: { atMs: number; seconds: number },
): string => {
  const date = amzDate(atMs);
  const scope = `${date.slice(0, 8)}/us-east-1/s3/aws4_request`;
  const query = [
    'X-Amz-Algorithm=AWS4-HMAC-SHA256',
    `X-Amz-Credential=${awsEncode(`${key.id}/${scope}`)}`,
    `X-Amz-Date=${date}`,
    `X-Amz-Expires=${seconds}`,
    'X-Amz-SignedHeaders=host',
  ].join('&');
  const target = `${path}?${query}`;
  const host = origin.replace(/^https?:\/\//, '');
  const request = { method, target, headers: { host } };
  const signature = signatureOf(request, { date, scope, signed: 'host' }, key.secret);
  return `${origin}${target}&X-Amz-Signature=${signature}`;
};

/** Why S3 would refuse a request; `undefined` if it would not. */
export const refusalOf = (request: Presigned, key: S3Key, nowMs: number): string | undefined => {
  const query = new URLSearchParams(request.target.split('?')[1] ?? '');
  const [id, ...scope] = (query.get('X-Amz-Credential') ?? '').split('/');
  const date = query.get('X-Amz-Date') ?? '';
  const [, year, month, day, hour, minute, second] =
    /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/.exec(date) ?? [];
  const atMs = Date.parse(`${year}-${month}-${day}T${hour}:${minute}:${second}Z`);
  const expiresS = Number(query.get('X-Amz-Expires'));
  const signed = query.get('X-Amz-SignedHeaders') ?? '';
  if (query.get('X-Amz-Algorithm') !== 'AWS4-HMAC-SHA256')
    return 'AuthorizationQueryParametersError';
  if (id !== key.id) return 'InvalidAccessKeyId';
  if (!(expiresS > 0 && expiresS <= 604_800)) return 'AuthorizationQueryParametersError';
  if (!signed.split(';').includes('host')) return 'AccessDenied';
  // A header that was not signed, but says what the object is to be, may not be slipped in.
  if (
    Object.keys(request.headers).some(name => name.startsWith('x-amz-') && !signed.includes(name))
  )
    return 'AccessDenied';
  const given = Buffer.from(query.get('X-Amz-Signature') ?? '');
  const own = Buffer.from(
    signatureOf(request, { date, scope: scope.join('/'), signed }, key.secret),
  );
  if (given.length !== own.length || !timingSafeEqual(given, own)) return 'SignatureDoesNotMatch';
  if (nowMs < atMs - 900_000) return 'RequestTimeTooSkewed';
  return nowMs > atMs + expiresS * 1000 ? 'AccessDenied' : undefined;
};

const bodyOf = async (request: IncomingMessage): Promise<Buffer> => {
  const pieces: Buffer[] = [];
  for await (const piece of request) pieces.push(piece as Buffer);
  return Buffer.concat(pieces);
};

/** @returns a bucket's listener and what was put into it, by path */
export const createS3 = (key: S3Key, now: () => number) => {
  const objects = new Map<string, Buffer>();
  const refusals: string[] = [];
  let failNext = 0;
  const listener: RequestListener = async (request, response) => {
    const { method = '', url: target = '', headers } = request;
    const bytes = await bodyOf(request);
    const refuse = (status: number, code: string): void => {
      refusals.push(code);
      response.writeHead(status, { 'content-type': 'application/xml' });
      response.end(`<Error><Code>${code}</Code></Error>`);
    };
    const why = refusalOf({ method, target, headers }, key, now());
    if (why !== undefined) return refuse(403, why);
    if (headers['transfer-encoding'] !== undefined) return refuse(501, 'NotImplemented');
    if (headers['content-length'] === undefined) return refuse(411, 'MissingContentLength');
    if (Number(headers['content-length']) !== bytes.length) return refuse(400, 'IncompleteBody');
    if (failNext > 0) {
      failNext -= 1;
      return refuse(503, 'SlowDown');
    }
    objects.set(target.split('?')[0] ?? '', bytes);
    response.writeHead(200, { etag: '"x"' }).end();
  };
  return {
    listener,
    objects,
    refusals,
    slowDown: (times: number) => {
      failNext = times;
    },
  };
};
