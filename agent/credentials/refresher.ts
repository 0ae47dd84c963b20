import type { Clock } from '../../platform/clock.ts';
import { credentialEndMs } from '../../platform/credential-end.ts';
import { formatDuration } from '../../platform/duration.ts';
import { isPilotageError, messageOf } from '../../platform/errors.ts';
import type { Files } from '../../platform/files.ts';
import type { Http } from '../../platform/http.ts';
import type { Log } from '../../platform/log.ts';
import type { MemoryFolder } from '../../platform/memory-folder.ts';
import type { CredentialOffer, CredentialResponse } from '../../protocol/credential.ts';
import type { Credential } from '../context/schema/credentials.ts';
import type { CredentialCopy } from '../context/step.ts';
import type { Users } from '../users.ts';
import { handOut, readHandedOut } from './copies.ts';
import { type CredentialLife, describeLife } from './describe-life.ts';
import { obtain } from './obtain.ts';
import { planRenewal } from './plan-renewal.ts';
import { readRecord, writeRecord } from './record.ts';
import { renewedFrom } from './renewed-from.ts';

export interface RefresherPorts {
  clock: Clock;
  files: Files;
  users: Users;
  memoryFolder: MemoryFolder;
  http: Http;
  log: Log;
  /** From 0 to 1, a new one each time. */
  random: () => number;
  askReceiver: (name: string, signal: AbortSignal) => Promise<CredentialResponse>;
}

/** A credential with the files that pilots have of it. */
export interface KeptCredential {
  credential: Credential;
  copies: readonly CredentialCopy[];
}

/** Keeps one credential fresh. */
export interface Refresher {
  run(signal: AbortSignal): Promise<void>;
  /** What the receiver has; a version that is new is fetched at once. */
  offered(offers: readonly CredentialOffer[]): void;
  life(): CredentialLife;
}

/** How often a file is looked at. */
const FILE_MS = 15_000;
/** However short a token lives. */
const SHORTEST_MS = 5000;
/** No wait is longer: the wall clock may be set meanwhile, and a VM may be paused. */
const LONGEST_WAIT_MS = 60_000;

/**
 * @param spread from 0 to 1, always the same for this VM
 * @param troubled called when the credential gets into trouble or out of it
 */
export const createRefresher = (
  { credential, copies }: KeptCredential,
  ports: RefresherPorts,
  spread: number,
  troubled: () => void,
): Refresher => {
  const { clock, files, log, random } = ports;
  const { name, from: source, renewBefore } = credential;
  let content: string | undefined;
  let endMs: number | undefined;
  let obtainedMs = 0;
  let lastTryMs = 0;
  let failures = 0;
  let failure: string | undefined;
  let version: string | undefined;
  let offer: string | undefined;
  let trouble: string | undefined;
  let wake = new AbortController();

  const life = (): CredentialLife =>
    describeLife({
      name,
      nowMs: clock.wallMs(),
      endMs,
      beforeMs: renewBefore,
      failure,
      renewedFrom: source === undefined ? undefined : renewedFrom(source),
    });

  /** What the contextualization, or an agent before this one, handed out. */
  const recall = async (): Promise<void> => {
    content = await readHandedOut(copies, { files });
    if (content === undefined) return;
    const record = await readRecord(files, name, content);
    obtainedMs = record?.obtainedMs ?? clock.wallMs();
    endMs = record?.endMs ?? credentialEndMs(content);
  };

  const renew = async (signal: AbortSignal): Promise<void> => {
    if (source === undefined) return;
    const asked = offer;
    const fresh = await obtain({ name, source, known: content }, ports, signal);
    if (signal.aborted) return;
    const isOther = fresh.content !== content;
    if (isOther) await handOut(copies, fresh.content, ports);
    // A token endpoint may give the same token again, with a new end.
    if (isOther || source.endpoint !== undefined) {
      ({ content, endMs } = { endMs: undefined, ...fresh });
      obtainedMs = clock.wallMs();
      const obtainment = { obtainedMs, ...(endMs === undefined ? {} : { endMs }) };
      await writeRecord(files, name, content, obtainment);
    }
    if (isOther) {
      const lives = endMs === undefined ? {} : { lives: formatDuration(endMs - obtainedMs) };
      log.info({ credential: name, from: renewedFrom(source), ...lives }, 'credential renewed');
    }
    version = fresh.version ?? asked;
  };

  const attempt = async (signal: AbortSignal): Promise<void> => {
    lastTryMs = clock.wallMs();
    try {
      await renew(signal);
      failures = 0;
      failure = undefined;
    } catch (error) {
      if (signal.aborted) return;
      if (!isPilotageError(error)) throw error;
      failures += 1;
      const message = messageOf(error);
      if (message !== failure)
        log.warn({ credential: name, error: message, failures }, 'credential not renewed');
      failure = message;
    }
  };

  const waitMs = (): number => {
    const input = { nowMs: clock.wallMs(), obtainedMs, endMs, beforeMs: renewBefore };
    const tried = { failures, lastTryMs, spread, jitter: random() };
    if (source?.endpoint !== undefined)
      return Math.max(planRenewal({ ...input, ...tried }), lastTryMs + SHORTEST_MS - input.nowMs);
    if (failures > 0) return planRenewal({ ...input, ...tried });
    if (source?.file !== undefined) return Math.max(0, lastTryMs + FILE_MS - input.nowMs);
    return source?.receiver === true && offer !== undefined && offer !== version
      ? 0
      : LONGEST_WAIT_MS;
  };

  const note = (): void => {
    const now = life();
    const isExpired = now.leftMs !== undefined && now.leftMs <= 0;
    const kind = now.trouble === undefined ? undefined : isExpired ? 'expired' : 'troubled';
    if (kind === trouble) return;
    trouble = kind;
    // Payloads fail with an expired one: somebody must act.
    if (kind === 'expired') log.error({ credential: name }, now.trouble ?? '');
    else if (kind === 'troubled') log.warn({ credential: name }, now.trouble ?? '');
    else log.info({ credential: name }, 'credential is in order again');
    troubled();
  };

  return {
    run: async signal => {
      await recall();
      note();
      while (!signal.aborted) {
        wake = new AbortController();
        const wait = waitMs();
        if (wait > 0)
          await clock.sleep(
            Math.min(wait, LONGEST_WAIT_MS),
            AbortSignal.any([signal, wake.signal]),
          );
        if (signal.aborted) return;
        if (waitMs() <= 0) await attempt(signal);
        note();
      }
    },
    offered: offers => {
      if (source?.receiver !== true) return;
      offer = offers.find(offered => offered.name === name)?.version;
      if (offer !== undefined && offer !== version) wake.abort();
    },
    life,
  };
};
