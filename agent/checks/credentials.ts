import { X509Certificate } from 'node:crypto';
import * as v from 'valibot';
import { formatDuration } from '../../platform/duration.ts';
import { parseJson } from '../../platform/parse-json.ts';
import { type Check, type CheckOutcome, failed, gravest, ok, skipped } from './check.ts';

const Claims = v.object({ exp: v.pipe(v.number(), v.finite()) });

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
    return ends.length === 0 ? undefined : Math.min(...ends);
  } catch {
    // What cannot be read as a certificate says nothing of its life; it may be of another kind.
    return undefined;
  }
};

/** When a credential ends, ms since 1970; `undefined` where its kind does not say. */
export const credentialEndMs = (content: string): number | undefined =>
  tokenEndMs(content) ?? chainEndMs(content);

export const judgeCredential = (
  name: string,
  content: string,
  nowMs: number,
  neededMs: number,
): CheckOutcome => {
  const end = credentialEndMs(content);
  if (end === undefined) return skipped(`${name} does not say how long it lives`);
  const left = end - nowMs;
  if (left <= 0) return failed(`${name} expired ${formatDuration(-left)} ago`);
  const told = `${name} lives for ${formatDuration(left)}`;
  return left < neededMs ? failed(`${told}, ${formatDuration(neededMs)} needed`) : ok(told);
};

export const credentials: Check = {
  name: 'credentials',
  run: async ({ context: { credentials: all, checks } }, { clock }) =>
    gravest(
      all.map(({ name, content }) =>
        judgeCredential(name, content, clock.wallMs(), checks.credentialLife),
      ),
      'the context has no credentials',
    ),
};
