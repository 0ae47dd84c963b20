import * as v from 'valibot';
import { LIMITS } from './limits.ts';

/** A file name, on the VM too: it begins with a letter or a digit, and leads nowhere else. */
export const CredentialName = v.pipe(v.string(), v.regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/));
/** Tells one content from another, and nothing else: two versions are equal or they are not. */
const CredentialVersion = v.pipe(v.string(), v.regex(/^[A-Za-z0-9._-]{1,64}$/));
/** Text alone, so that it is no longer than a message may be, however JSON writes it. */
export const CredentialContent = v.pipe(
  v.string(),
  v.minLength(1, 'must not be empty'),
  v.maxLength(LIMITS.credentialChars),
  // biome-ignore lint/suspicious/noControlCharactersInRegex: none of them may be in it
  v.regex(/^[^\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f]*$/, 'must not have control characters'),
  v.check(content => content.isWellFormed(), 'must be text'),
);

/** What a heartbeat's answer says of a credential: there is one, and which. */
export const CredentialOffer = v.object({ name: CredentialName, version: CredentialVersion });
export type CredentialOffer = v.InferOutput<typeof CredentialOffer>;

/**
 * `GET /v1/credentials/:name`, authorized by the VM's own bearer token: the credential of this name
 * that is meant for it. `not-found` for any other, whether there is one or not.
 */
export const CredentialResponse = v.object({
  name: CredentialName,
  version: CredentialVersion,
  content: CredentialContent,
});
export type CredentialResponse = v.InferOutput<typeof CredentialResponse>;
