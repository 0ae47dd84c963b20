import { refusal } from '../problem.ts';
import { decodeBase64 } from './base64.ts';
import { gunzip } from './gzip.ts';
import type { Budget, Piece } from './piece.ts';
import { spend } from './spend.ts';
import { readTar } from './tar.ts';
import { textOf } from './text.ts';

/** The pieces of glideinWMS user-data, unpacked; in which of its three forms makes no difference. */
export interface GlideinElements {
  /** The INI file. */
  metadata: Piece;
  /** What the factory adds to the arguments: `-cluster 12 -subcluster 0`. */
  extraArgs: string;
  proxy?: string;
  token?: string;
}

export const SEPARATOR = '####';

export const glideinDamaged = (
  { name }: Pick<Piece, 'name'>,
  key: string,
  message: string,
  line = 1,
) =>
  refusal({
    code: 'glideinwms-damaged',
    file: name,
    line,
    key,
    message,
    remedy: 'take the user-data as the factory sent it, in one piece',
  });

const isGzip = (bytes: Buffer): boolean => bytes[0] === 0x1f && bytes[1] === 0x8b;

const unpack = (element: string, key: string, piece: Piece, budget: Budget): Buffer => {
  const bytes = decodeBase64(element);
  if (bytes === undefined || bytes.length === 0)
    throw glideinDamaged(piece, key, 'base64 that does not decode');
  spend(budget, bytes, piece);
  return isGzip(bytes)
    ? gunzip(bytes, { ...piece, name: `${piece.name} (${key})` }, budget)
    : bytes;
};

const asProxy = (bytes: Buffer, piece: Piece): string => {
  const text = textOf({ ...piece, name: `${piece.name} (proxy)`, bytes, lineOffset: 0 });
  if (text.includes('-----BEGIN CERTIFICATE-----')) return text;
  throw glideinDamaged(piece, 'glidein_credentials', 'no X.509 proxy in PEM');
};

/** A JSON Web Token in its compact form (RFC 7519), which HTCondor's IDTOKENs have. */
const JWT = /^[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+$/;

const asToken = (element: string, piece: Piece, budget: Budget): string => {
  if (JWT.test(element)) return element;
  const text = unpack(element, 'idtoken', piece, budget).toString('latin1').trim();
  if (JWT.test(text)) return text;
  throw glideinDamaged(piece, 'idtoken', 'no token');
};

const NAMES = /^(?:glideinwms_metadata|glidein_credentials|[a-z_]*token)=/;

/** `b64(tar.gz{proxy,glidein_userdata})####args` */
const fromArchive = (archive: Buffer, extraArgs: string, piece: Piece): GlideinElements => {
  const files = readTar(archive);
  const userData = files?.get('glidein_userdata');
  const proxy = files?.get('proxy');
  if (userData === undefined || proxy === undefined)
    throw glideinDamaged(piece, 'glidein_userdata', 'no archive of proxy and glidein_userdata');
  return {
    metadata: { ...piece, name: `${piece.name} (glidein_userdata)`, bytes: userData },
    extraArgs,
    proxy: asProxy(proxy, piece),
  };
};

/**
 * `[glideinwms_metadata=]<b64 ini>####<args>####[<token>####][glidein_credentials=]<b64 proxy>`, or
 * the older archive. The element that the stock launcher never reads, the token, is read here.
 */
export const readElements = (piece: Piece, budget: Budget): GlideinElements => {
  const [first = '', extraArgs = '', ...rest] = textOf(piece)
    .split(SEPARATOR)
    .map(element => element.trim());
  const bare = (element: string): string => element.replace(NAMES, '');
  const metadata = unpack(bare(first), 'glideinwms_metadata', piece, budget);
  const isArchive =
    metadata.length >= 262 && metadata.subarray(257, 262).equals(Buffer.from('ustar'));
  if (isArchive) {
    if (rest.length === 0) return fromArchive(metadata, extraArgs, piece);
    throw glideinDamaged(piece, '', 'more than an archive and its arguments');
  }
  if (rest.length > 2)
    throw glideinDamaged(piece, '', `more than four elements between ${SEPARATOR}`);
  const elements: GlideinElements = {
    metadata: { ...piece, name: `${piece.name} (glideinwms_metadata)`, bytes: metadata },
    extraArgs,
  };
  const last = bare(rest.at(-1) ?? '');
  const middle = rest.length === 2 ? bare(rest[0] ?? '') : '';
  const isToken = JWT.test(last);
  const token = middle === '' && isToken ? last : middle;
  if (token !== '') elements.token = asToken(token, piece, budget);
  if (last !== '' && !isToken)
    elements.proxy = asProxy(unpack(last, 'glidein_credentials', piece, budget), piece);
  if (elements.proxy === undefined && elements.token === undefined)
    throw glideinDamaged(piece, 'glidein_credentials', 'neither a proxy nor a token');
  return elements;
};
