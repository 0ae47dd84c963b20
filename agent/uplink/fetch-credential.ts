import * as v from 'valibot';
import { PilotageError } from '../../platform/errors.ts';
import type { Files } from '../../platform/files.ts';
import type { HttpServer } from '../../platform/http.ts';
import { parseJson } from '../../platform/parse-json.ts';
import { CredentialResponse } from '../../protocol/credential.ts';
import { PATHS } from '../paths.ts';
import { exchange } from './exchange.ts';

const TIMEOUT_MS = 15_000;

/** What the receiver has of this name for the VM whose token this is. */
export const fetchCredential = async (
  server: HttpServer,
  { name, token, signal }: { name: string; token: string; signal: AbortSignal },
): Promise<CredentialResponse> => {
  const answer = await exchange(server, CredentialResponse, {
    path: `/v1/credentials/${name}`,
    token,
    timeoutMs: TIMEOUT_MS,
    signal,
  });
  if (answer.name !== name)
    throw new PilotageError('reply-invalid', `the receiver sent ${answer.name} instead of ${name}`);
  return answer;
};

const Enrolled = v.object({ receiverUrl: v.string(), token: v.string() });

/** The token by which the agent of this VM speaks to that receiver, once it is enrolled. */
export const readVmToken = async (
  files: Files,
  receiverUrl: string,
): Promise<string | undefined> => {
  const text = await files.read(PATHS.enrolment, 64 * 1024);
  const enrolled = text === undefined ? undefined : parseJson(Enrolled, text);
  return enrolled?.receiverUrl === receiverUrl ? enrolled.token : undefined;
};
