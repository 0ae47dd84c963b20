import * as v from 'valibot';
import { CredentialName, EnvironmentName, Secret } from './schema-words.ts';

/** What pilots prove themselves with. */

const Credential = v.strictObject({
  name: CredentialName,
  content: Secret,
  /** Variable that tells pilots where the file is, e.g. X509_USER_PROXY or BEARER_TOKEN_FILE. */
  variable: v.optional(EnvironmentName),
});

export const Credentials = v.pipe(v.array(Credential, 'a list of credentials'), v.maxLength(32));
