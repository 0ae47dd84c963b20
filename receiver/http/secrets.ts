import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';

export const sha256 = (text: string): Buffer => createHash('sha256').update(text).digest();

/** 256 random bits, base64url: 43 characters. */
export const createToken = (): string => randomBytes(32).toString('base64url');

/** Compares in a time that tells neither where a candidate differs nor how long the secret is. */
export const createSecretCheck = (secret: string): ((candidate: string) => boolean) => {
  const expected = sha256(secret);
  return candidate => timingSafeEqual(expected, sha256(candidate));
};

/** The token of `Authorization: Bearer …` (RFC 6750); `undefined` if there is none. */
export const bearerToken = (header: string | undefined): string | undefined =>
  /^Bearer ([\w.~+/=-]{1,1024})$/i.exec(header ?? '')?.[1];
