import { randomBytes } from 'node:crypto';
import type { IncomingMessage, RequestListener } from 'node:http';
import { type Answer, answering, headerOf, NOT_FOUND } from './listener.ts';

export interface Ec2MetadataSpec {
  /** Below `meta-data/` of every version, e.g. `placement/availability-zone`. */
  metaData: Readonly<Record<string, string>>;
  userData?: string | Buffer;
  /** Below `dynamic/` of every version. */
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
  /** From now on this lies below `meta-data/`, as a notice does; without a value it is gone. */
  put(path: string, value: string | undefined): void;
  /** From now on no token that was handed out is valid. */
  revokeTokens(): void;
}

const LONGEST_S = 21_600;
/** Some of the versions that the service lists and answers under; all say the same here. */
const VERSIONS = ['1.0', '2009-04-04', '2016-09-02', '2018-09-24', '2021-03-23', 'latest'];

const own = <T>(record: Readonly<Record<string, T>>, name: string): T | undefined =>
  Object.hasOwn(record, name) ? record[name] : undefined;

/** What is listed of a folder: names one a line, those of folders with a stroke at their end. */
const listingOf = (paths: readonly string[], folder: string): string | undefined => {
  const prefix = folder === '' ? '' : `${folder}/`;
  const names = paths
    .filter(path => path.startsWith(prefix))
    .map(path => path.slice(prefix.length).replace(/\/.*/s, '/'));
  return names.length === 0 ? undefined : [...new Set(names)].sort().join('\n');
};

/**
 * The metadata service of EC2 with tokens required, as strict as its documentation: a token is had by
 * PUT with a life of 1 to 21600 seconds and nothing that a proxy adds; without a valid one every answer
 * is 401. Folders are listed, with and without a stroke at the end, as cloud-init walks them.
 */
export const createEc2Metadata = ({
  metaData: atFirst,
  userData,
  dynamic = {},
  nowMs = () => performance.now(),
  isVersion1 = false,
}: Ec2MetadataSpec): Ec2Metadata => {
  const metaData: Record<string, string> = { ...atFirst };
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
  const branch = (tree: Readonly<Record<string, string>>, path: string): Answer => {
    const name = path.replace(/\/$/, '');
    const body = path === name ? own(tree, name) : undefined;
    const found = body ?? listingOf(Object.keys(tree), name);
    return found === undefined ? NOT_FOUND : { status: 200, body: found };
  };
  const branches: Readonly<Record<string, (path: string) => Answer>> = {
    ...(Object.keys(dynamic).length > 0 && { dynamic: path => branch(dynamic, path) }),
    'meta-data': path => branch(metaData, path),
    ...(userData !== undefined && {
      'user-data': path => (path === '' ? { status: 200, body: userData } : NOT_FOUND),
    }),
  };
  const find = (path: string): Answer => {
    if (path === '/') return { status: 200, body: VERSIONS.join('\n') };
    const [, version = '', name, rest = ''] =
      /^\/([^/]+)(?:\/([^/]*))?(?:\/(.*))?$/.exec(path) ?? [];
    if (!VERSIONS.includes(version)) return NOT_FOUND;
    if (!name) return { status: 200, body: Object.keys(branches).join('\n') };
    return own(branches, name)?.(rest) ?? NOT_FOUND;
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
    put: (path, value) => {
      if (value === undefined) delete metaData[path];
      else metaData[path] = value;
    },
    revokeTokens: () => expiryMs.clear(),
  };
};
