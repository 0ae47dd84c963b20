import type { CredentialSource } from '../context/schema/credentials.ts';

/** Where fresh content comes from, for a person; no secret is in it. */
export const renewedFrom = ({ file, endpoint }: CredentialSource): string => {
  if (file !== undefined) return file;
  return endpoint === undefined ? 'the receiver' : endpoint.url;
};
