import { X509Certificate } from 'node:crypto';
import * as v from 'valibot';
import { parseJson } from './parse-json.ts';

/** Up to where a date can be written; seconds. */
const LAST_SECOND = 8.64e12;
const Claims = v.object({ exp: v.pipe(v.number(), v.minValue(0), v.maxValue(LAST_SECOND)) });

/** RFC 7519: three parts of base64url, the second with the expiry in seconds. */
const tokenEndMs = (content: string): number | undefined => {
  const payload = /^[A-Za-z0-9_-]+\.([A-Za-z0-9_-]+)\.[A-Za-z0-9_-]*$/.exec(content.trim())?.[1];
  if (payload === undefined) return undefined;
  const claims = parseJson(Claims, Buffer.from(payload, 'base64url').toString('utf8'));
  return claims === undefined ? undefined : claims.exp * 1000;
};

/** A proxy is a chain of certificates (RFC 3820); the shortest life in it counts. */
const chainEndMs = (content: string): number | undefined => {
  const pems = content.match(/-----BEGIN CERTIFICATE-----[\s\S]+?-----END CERTIFICATE-----/g) ?? [];
  try {
    const ends = pems.map(pem => new X509Certificate(pem).validToDate.getTime());
    const first = Math.min(...ends);
    return Number.isFinite(first) ? first : undefined;
  } catch {
    // What cannot be read as a certificate says nothing of its life; it may be of another kind.
    return undefined;
  }
};

/** When a credential ends, ms since 1970; `undefined` where its kind does not say. */
export const credentialEndMs = (content: string): number | undefined =>
  tokenEndMs(content) ?? chainEndMs(content);
