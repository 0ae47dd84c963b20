import { randomBytes } from 'node:crypto';
import * as v from 'valibot';
import { isPilotageError, messageOf, PilotageError } from '../../platform/errors.ts';
import type { Files } from '../../platform/files.ts';
import type { HttpServer } from '../../platform/http.ts';
import type { Log } from '../../platform/log.ts';
import { parseJson } from '../../platform/parse-json.ts';
import { EnrolResponse, type Identity } from '../../protocol/enrol.ts';
import { PROTOCOL_VERSION } from '../../protocol/version.ts';
import { PATHS } from '../paths.ts';
import { exchange } from './exchange.ts';

/** What the agent keeps of its enrolment, 0600. A nonce without a token: asked, but not yet answered. */
const Enrolment = v.object({
  schemaVersion: v.literal(1),
  instanceId: v.string(),
  receiverUrl: v.string(),
  nonce: v.string(),
  vmId: v.optional(v.string()),
  token: v.optional(v.string()),
});
type Enrolment = v.InferOutput<typeof Enrolment>;

export interface Credential {
  vmId: string;
  token: string;
}

export interface EnrolmentInput {
  files: Files;
  server: HttpServer;
  receiverUrl: string;
  secret: string;
  identity: Identity;
  bootId: string;
  agentVersion: string;
  timeoutMs: number;
  log: Log;
  /** Taken where the disk remembers none: the same one for every try. */
  nonce: string;
}

const read = async ({
  files,
  identity,
  receiverUrl,
}: EnrolmentInput): Promise<Enrolment | undefined> => {
  const text = await files.read(PATHS.enrolment, 64 * 1024);
  if (text === undefined) return undefined;
  const known = parseJson(Enrolment, text);
  // A copied disk, or a context that names another receiver: these credentials are not for us.
  const isOurs = known?.instanceId === identity.instanceId && known.receiverUrl === receiverUrl;
  return isOurs ? known : undefined;
};

/** A VM whose disk takes no more is to be heard all the same: what cannot be kept holds for this agent alone. */
const write = async ({ files, log }: EnrolmentInput, enrolment: Enrolment): Promise<void> => {
  try {
    await files.write(PATHS.enrolment, JSON.stringify(enrolment), { mode: 0o600 });
  } catch (error) {
    if (!isPilotageError(error)) throw error;
    log.warn({ error: messageOf(error) }, 'the enrolment could not be written');
  }
};

export const newNonce = (): string => randomBytes(32).toString('hex');

/** Forgets the credential, so that the next enrolment begins with a new nonce. */
export const forgetEnrolment = (files: Files): Promise<void> => files.remove(PATHS.enrolment);

/**
 * The VM's own credential: the one it keeps, or a new one in exchange for the context's secret. The
 * nonce is saved before asking, so that a lost answer leads to the same VM, not to a second one.
 */
export const enrol = async (input: EnrolmentInput): Promise<Credential> => {
  const { server, receiverUrl, identity } = input;
  const known = await read(input);
  if (known?.vmId !== undefined && known.token !== undefined)
    return { vmId: known.vmId, token: known.token };
  const asked: Enrolment = known ?? {
    schemaVersion: 1,
    instanceId: identity.instanceId,
    receiverUrl,
    nonce: input.nonce,
  };
  if (known === undefined) await write(input, asked);
  const request = {
    protocol: PROTOCOL_VERSION,
    nonce: asked.nonce,
    secret: input.secret,
    bootId: input.bootId,
    agentVersion: input.agentVersion,
    identity,
  };
  const answer = await exchange(server, EnrolResponse, {
    path: '/v1/enrol',
    request,
    timeoutMs: input.timeoutMs,
  });
  if (answer.protocol !== PROTOCOL_VERSION)
    throw new PilotageError(
      'reply-invalid',
      `the receiver answered in protocol ${answer.protocol}`,
    );
  await write(input, { ...asked, vmId: answer.vmId, token: answer.token });
  return { vmId: answer.vmId, token: answer.token };
};
