import type { Clock } from '../../platform/clock.ts';
import { credentialEndMs } from '../../platform/credential-end.ts';
import { PilotageError } from '../../platform/errors.ts';
import type { Files } from '../../platform/files.ts';
import type { Http } from '../../platform/http.ts';
import type { CredentialResponse } from '../../protocol/credential.ts';
import type { CredentialSource } from '../context/schema/credentials.ts';
import { askTokenEndpoint } from './ask-token-endpoint.ts';
import type { Obtained } from './obtainment.ts';
import { readCredentialFile } from './read-credential-file.ts';
import { createRefreshTokenStore } from './refresh-token-store.ts';
import { renewedFrom } from './renewed-from.ts';

export interface ObtainPorts {
  files: Files;
  clock: Clock;
  http: Http;
  /** By the connection that the caller has. */
  askReceiver: (name: string, signal: AbortSignal) => Promise<CredentialResponse>;
}

export interface ObtainInput {
  name: string;
  source: CredentialSource;
  /** What a file held before, if that is the source. */
  known: string | undefined;
}

const ask = async (
  { name, source, known }: ObtainInput,
  ports: ObtainPorts,
  signal: AbortSignal,
): Promise<Obtained & { version?: string }> => {
  const { file, endpoint } = source;
  if (file !== undefined) return readCredentialFile(file, known, ports, signal);
  if (endpoint !== undefined) {
    const store = createRefreshTokenStore(ports.files, name, endpoint);
    return askTokenEndpoint(endpoint, { ...ports, store }, signal);
  }
  const { content, version } = await ports.askReceiver(name, signal);
  const endMs = credentialEndMs(content);
  return { content, version, ...(endMs === undefined ? {} : { endMs }) };
};

/** What the source has now. Fails if that has expired: it is no better than nothing. */
export const obtain = async (
  input: ObtainInput,
  ports: ObtainPorts,
  signal: AbortSignal,
): Promise<Obtained & { version?: string }> => {
  const obtained = await ask(input, ports, signal);
  const { endMs } = obtained;
  if (endMs !== undefined && endMs <= ports.clock.wallMs())
    throw new PilotageError(
      'reply-invalid',
      `what ${renewedFrom(input.source)} has of ${input.name} has expired`,
    );
  return obtained;
};
