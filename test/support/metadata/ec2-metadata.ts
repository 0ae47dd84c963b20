import { randomBytes } from 'node:crypto';
import type { IncomingMessage, RequestListener } from 'node:http';
import { type Answer, answering, headerOf, NOT_FOUND } from './listener.ts';

export interface Ec2MetadataSpec {
  /** Below `/latest/meta-data/`, e.g. `placement/availability-zone`. */
  metaData: Readonly<Record<string, string>>;
  userData?: string | Buffer;
  /** Below `/latest/dynamic/`. */
  dynamic?: Readonly<Record<string, string>>;
  /** Time by which tokens expire, ms. */
  nowMs?: () => number;
  /** True: a service of old that knows no tokens and asks for none. */
  isVersion1?: boolean;
}

export interface Ec2Metadata {
  listener: RequestListener;
  /** Tokens handed out so far. */
  tokens(): number;
  /** From now on no token that was handed out is valid. */
  revokeTokens(): void;
}

const LONGEST_S = 21_600;

/**
 * The metadata service of EC2 with tokens required, as strict as its documentation: a token is had by
 * PUT with a life of 1 to 21600 seconds and nothing that a proxy adds; without a valid one every answer
 * is 401.
 */
export const createEc2Metadata = ({
  metaData,
  userData,
  dynamic = {},
  nowMs = () => performance.now(),
  isVersion1 = false,
}: Ec2MetadataSpec): Ec2Metadata => {
  const expiryMs = new Map<string, number>();
  let handedOut = 0;

  const handOut = (request: IncomingMessage): Answer => {
    if (request.method !== 'PUT') return { status: 405 };
    if (headerOf(request, 'x-forwarded-for') !== undefined) return { status: 403 };
    const life = headerOf(request, 'x-aws-ec2-metadata-token-ttl-seconds') ?? '';
    if (!/^\d{1,5}$/.test(life) || Number(life) < 1 || Number(life) > LONGEST_S)
      return { status: 400 };
    const token = randomBytes(42).toString('base64');
    expiryMs.set(token, nowMs() + Number(life) * 1000);
    handedOut += 1;
    return {
      status: 200,
      body: token,
      headers: { 'x-aws-ec2-metadata-token-ttl-seconds': life },
    };
  };
  const find = (path: string): Answer => {
    if (path === '/latest/user-data')
      return userData === undefined ? NOT_FOUND : { status: 200, body: userData };
    const [, folder, name = ''] = /^\/latest\/(meta-data|dynamic)\/(.+)$/.exec(path) ?? [];
    const body = (folder === 'dynamic' ? dynamic : metaData)[name];
    return folder === undefined || body === undefined ? NOT_FOUND : { status: 200, body };
  };

  return {
    listener: answering((request, path) => {
      if (path === '/latest/api/token') return isVersion1 ? { status: 404 } : handOut(request);
      if (request.method !== 'GET') return { status: 405 };
      if (isVersion1) return find(path);
      const token = headerOf(request, 'x-aws-ec2-metadata-token') ?? '';
      return nowMs() < (expiryMs.get(token) ?? 0) ? find(path) : { status: 401 };
    }),
    tokens: () => handedOut,
    revokeTokens: () => expiryMs.clear(),
  };
};
