import { createCipheriv, createDecipheriv, createHmac, randomBytes } from 'node:crypto';
import { PilotageError } from '../../platform/errors.ts';
import type { CredentialHead, Sealed } from './credential-record.ts';
import { scopeKey } from './credential-scope.ts';

/** AES-256-GCM (NIST SP 800-38D): a nonce of 96 random bits, a tag of 128. */
const CIPHER = 'aes-256-gcm';
const KEY_BYTES = 32;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;

/** What a content is bound to: a row that was changed, or put in another's place, does not open. */
export type SealedTo = Pick<CredentialHead, 'name' | 'scope' | 'version'>;

export interface Sealer {
  /** Tells keys apart, and nothing of the key. */
  keyId: string;
  seal(content: string, to: SealedTo): Sealed;
  /** Fails with `state-invalid` if it was sealed by another key, or changed since. */
  open(sealed: Sealed, to: SealedTo): string;
}

/** The key of a key file's text: 256 bits, base64url; `undefined` if it is none. */
export const parseSealKey = (text: string): Uint8Array | undefined => {
  const key = /^[A-Za-z0-9_-]{43}$/.test(text) ? Buffer.from(text, 'base64url') : undefined;
  return key?.length === KEY_BYTES ? key : undefined;
};

const boundTo = ({ name, scope, version }: SealedTo): Buffer =>
  Buffer.from(JSON.stringify([name, scopeKey(scope), version]));

export const createSealer = (key: Uint8Array): Sealer => {
  const keyId = createHmac('sha256', key).update('pilotage key id').digest('hex').slice(0, 16);
  return {
    keyId,
    seal: (content, to) => {
      const nonce = randomBytes(NONCE_BYTES);
      const cipher = createCipheriv(CIPHER, key, nonce).setAAD(boundTo(to));
      const bytes = [cipher.update(content, 'utf8'), cipher.final(), cipher.getAuthTag()];
      return { keyId, nonce, bytes: Buffer.concat(bytes) };
    },
    open: (sealed, to) => {
      const { name, version } = to;
      if (sealed.keyId !== keyId)
        throw new PilotageError(
          'state-invalid',
          `the credential ${name} was sealed by the key ${sealed.keyId}, this one is ${keyId}`,
          { name, version, keyId: sealed.keyId },
        );
      const at = Math.max(0, sealed.bytes.length - TAG_BYTES);
      try {
        const decipher = createDecipheriv(CIPHER, key, sealed.nonce, { authTagLength: TAG_BYTES })
          .setAAD(boundTo(to))
          .setAuthTag(sealed.bytes.subarray(at));
        const content = Buffer.concat([
          decipher.update(sealed.bytes.subarray(0, at)),
          decipher.final(),
        ]);
        return content.toString('utf8');
      } catch (error) {
        const message = `the credential ${name} was changed in the database`;
        throw new PilotageError('state-invalid', message, { name, version }, error);
      }
    },
  };
};
