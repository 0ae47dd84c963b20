import * as v from 'valibot';
import type { Clock } from '../../platform/clock.ts';
import { isPilotageError, messageOf, PilotageError } from '../../platform/errors.ts';
import type { Files } from '../../platform/files.ts';
import type { HttpServer } from '../../platform/http.ts';
import type { Log } from '../../platform/log.ts';
import { withDeadline } from '../../platform/with-deadline.ts';
import type { CredentialOffer, CredentialResponse } from '../../protocol/credential.ts';
import type { Acknowledgement, Directive } from '../../protocol/directive.ts';
import type { Identity } from '../../protocol/enrol.ts';
import { type HeartbeatRequest, HeartbeatResponse } from '../../protocol/heartbeat.ts';
import { LIMITS } from '../../protocol/limits.ts';
import { type PeekAnswer, PeekReceipt } from '../../protocol/peek.ts';
import type { Plan } from '../../protocol/plan.ts';
import { PROTOCOL_VERSION } from '../../protocol/version.ts';
import { type ClockOffset, clockOffsetOf } from '../clock-offset.ts';
import type { LogStore } from '../logs/log-store.ts';
import { createEarlyLogs } from './early-logs.ts';
import { type Credential, enrol, forgetEnrolment, newNonce } from './enrolment.ts';
import { exchange } from './exchange.ts';
import { fetchCredential } from './fetch-credential.ts';
import type { LogTails } from './log-tails.ts';
import { paceMs, retryMs } from './pace.ts';
import { sendLogs, sendWholeLog } from './send-logs.ts';
import { createSequence } from './sequence.ts';
import { createWholeLogs } from './whole-logs.ts';

/** What the monitor has to say; the uplink adds who says it and when. */
export type VmReport = Omit<
  HeartbeatRequest,
  'protocol' | 'bootId' | 'sequence' | 'agentVersion' | 'logs'
>;

export interface UplinkPorts {
  clock: Clock;
  files: Files;
  log: Log;
  server: HttpServer;
  logTails: LogTails;
  store: LogStore;
  /** From 0 to 1, a new one each time. */
  random: () => number;
}

export interface UplinkConfig {
  receiverUrl: string;
  secret: string;
  identity: Identity;
  bootId: string;
  agentVersion: string;
}

/** How the link to the receiver stands, for `status`. */
export interface LinkStatus {
  vmId: string | undefined;
  acknowledgedHeartbeats: number;
  lastError: string | undefined;
}

/** What else the link has to mind. */
export interface UplinkCourse {
  /**
   * A heartbeat was acknowledged.
   * @param plans all that the receiver plans; `undefined` from one that does not tell
   */
  acknowledged(plans: readonly Plan[] | undefined): void;
  /** Heartbeats come at least so often, ms, whatever pace the receiver sets. */
  longestMs(): number;
  /** Whether the receiver is asked between heartbeats, without new lines, if it has something to obey. */
  asksEarly(): boolean;
}

const ANY_COURSE: UplinkCourse = {
  acknowledged: () => undefined,
  longestMs: () => Number.POSITIVE_INFINITY,
  asksEarly: () => true,
};

export interface Uplink {
  /** Heartbeats at the receiver's pace, until the signal. */
  run(signal: AbortSignal): Promise<void>;
  /** Something happened that the receiver should know soon. */
  nudge(): void;
  /** A pilot ended as it should not: its logs are sent whole. */
  wantLogs(unit: { slot: string; generation: number }): Promise<string[]>;
  /** These logs are sent whole. */
  wantNamed(names: readonly string[]): Promise<void>;
  /**
   * The last heartbeat, with the tails of the logs, tried until it is acknowledged or time is up; then
   * what is left of logs that are to be sent whole.
   */
  farewell(timeoutMs: number): Promise<boolean>;
  /** The credential of this name that the receiver has for this VM. Fails while it is not enrolled. */
  credential(name: string, signal: AbortSignal): Promise<CredentialResponse>;
  /** Tells what was seen of a pilot. Fails while it is not enrolled. */
  peeked(id: string, answer: PeekAnswer, signal: AbortSignal): Promise<void>;
  status(): LinkStatus;
  /** What the last answer told of this clock; `undefined` before the first one. */
  clockOffset(): ClockOffset | undefined;
}

const TIMEOUT_MS = 15_000;
const FAREWELL_LOG_BYTES = 32 * 1024;
const REENROL = new Set(['unauthorized', 'nonce-used']);

/**
 * @param report asked at every heartbeat
 * @param obey given the directives of every answer
 * @param offered given the names and versions of the credentials that an answer offers
 * @param ordered ms between two heartbeats, where somebody has ordered that
 */
export const createUplink = (
  { clock, files, log, server, logTails, store, random }: UplinkPorts,
  config: UplinkConfig,
  report: () => VmReport,
  obey: (directives: readonly Directive[]) => void,
  offered: (offers: readonly CredentialOffer[]) => void = () => undefined,
  ordered: () => number | undefined = () => undefined,
  course: UplinkCourse = ANY_COURSE,
): Uplink => {
  const sequence = createSequence(files, log);
  let credential: Credential | undefined;
  let nonce = newNonce();
  let wake = new AbortController();
  let failures = 0;
  let acknowledgedHeartbeats = 0;
  let lastError: string | undefined;
  let clockOffset: ClockOffset | undefined;
  let reported = new Set<string>();
  let busy: Promise<unknown> = Promise.resolve();

  const send = async (draft: VmReport, logBytes: number, timeoutMs: number): Promise<number> => {
    credential ??= await enrol({ files, log, server, timeoutMs, nonce, ...config });
    const logs = await logTails.collect(logBytes);
    const unreported: Acknowledgement[] = draft.acknowledged
      .filter(({ id }) => !reported.has(id))
      .slice(0, LIMITS.directives);
    const request: HeartbeatRequest = {
      ...draft,
      protocol: PROTOCOL_VERSION,
      bootId: config.bootId,
      sequence: await sequence.next(),
      agentVersion: config.agentVersion,
      acknowledged: unreported,
      logs,
    };
    const asked = { monotonicMs: clock.monotonicMs() };
    const answer = await exchange(server, HeartbeatResponse, {
      path: '/v1/heartbeat',
      request,
      token: credential.token,
      timeoutMs,
    });
    const answered = { monotonicMs: clock.monotonicMs(), wallMs: clock.wallMs() };
    clockOffset = clockOffsetOf(answer.receiverTime, asked, answered);
    logTails.acknowledge(logs);
    acknowledgedHeartbeats += 1;
    const known = new Set(draft.acknowledged.map(({ id }) => id));
    reported = new Set(
      [...reported, ...unreported.map(({ id }) => id)].filter(id => known.has(id)),
    );
    course.acknowledged(answer.plans);
    obey(answer.directives);
    if (answer.credentials !== undefined) offered(answer.credentials);
    const pace = ordered() ?? paceMs(answer.nextHeartbeatMs);
    const { logs: share } = answer;
    // Whoever wants to hear less of this VM wants no lines between its heartbeats either.
    early.allow(share && { ...share, everyMs: Math.max(share.everyMs, ordered() ?? 0) }, pace);
    return pace;
  };

  /** One after the other, whatever is sent: there is one connection. */
  const inTurn = <T>(work: () => Promise<T>): Promise<T> => {
    const attempt = busy.then(work);
    busy = attempt.catch(() => undefined);
    return attempt;
  };

  const senderOf = ({ token }: Credential) => ({ server, log, token, bootId: config.bootId });
  const early = createEarlyLogs({ clock, logTails, asks: course.asksEarly }, logs =>
    inTurn(async () => {
      if (credential === undefined || failures > 0) return undefined;
      const answer = await sendLogs(senderOf(credential), logs);
      if (answer === undefined) return undefined;
      logTails.acknowledge(logs);
      if (answer.directives !== undefined) obey(answer.directives);
      return answer.logs;
    }),
  );
  const wholeLogs = createWholeLogs({
    ...{ clock, files, log, store, random },
    send: (chunk, signal) =>
      inTurn(async () => {
        if (credential === undefined || failures > 0) return undefined;
        return sendWholeLog(senderOf(credential), chunk, signal);
      }),
  });

  const noteFailure = async (error: unknown): Promise<void> => {
    failures += 1;
    const message = messageOf(error);
    if (message !== lastError)
      log.warn({ error: message, failures }, 'the receiver cannot be reached');
    lastError = message;
    if (isPilotageError(error) && REENROL.has(String(error.context.refusal))) {
      log.warn({}, 'the receiver does not know this credential; enrolling anew');
      credential = undefined;
      nonce = newNonce();
      await forgetEnrolment(files);
    }
  };

  /** One attempt, never two at once; ms until the next one. */
  const beat = (
    draft: () => VmReport,
    logBytes: () => number,
    timeoutMs: number,
  ): Promise<number | undefined> =>
    inTurn(async () => {
      try {
        const pace = await send(draft(), logBytes(), timeoutMs);
        if (failures > 0) log.info({ failures }, 'the receiver is back');
        failures = 0;
        lastError = undefined;
        return pace;
      } catch (error) {
        if (!isPilotageError(error) && !v.isValiError(error)) throw error;
        await noteFailure(error);
        return undefined;
      }
    });

  const ownToken = (): string => {
    if (credential !== undefined) return credential.token;
    throw new PilotageError('not-running', 'this VM is not enrolled at the receiver yet');
  };

  return {
    run: async signal => {
      const beside = Promise.all([early.run(signal), wholeLogs.run(signal)]);
      while (!signal.aborted) {
        wake = new AbortController();
        const pace = await beat(report, early.bytes, TIMEOUT_MS);
        const longestMs = course.longestMs();
        const soonestMs = Math.min(longestMs, ordered() ?? 0);
        if (soonestMs > 0) await clock.sleep(soonestMs, signal);
        const restMs = Math.min(longestMs, pace ?? retryMs(failures, random())) - soonestMs;
        if (restMs > 0) await clock.sleep(restMs, AbortSignal.any([signal, wake.signal]));
      }
      await beside;
    },
    nudge: () => wake.abort(),
    wantLogs: wholeLogs.want,
    wantNamed: wholeLogs.wantNamed,
    farewell: async timeoutMs => {
      const endMs = clock.monotonicMs() + timeoutMs;
      for (;;) {
        const leftMs = endMs - clock.monotonicMs();
        if (leftMs <= 0) return false;
        const last = () => ({ ...report(), state: 'halted' as const });
        const timeoutMs = Math.min(TIMEOUT_MS, leftMs);
        if ((await beat(last, () => FAREWELL_LOG_BYTES, timeoutMs)) !== undefined) {
          await withDeadline(clock, endMs - clock.monotonicMs(), wholeLogs.finish);
          return true;
        }
        await clock.sleep(
          Math.min(retryMs(failures, random()), Math.max(0, endMs - clock.monotonicMs())),
        );
      }
    },
    credential: async (name, signal) =>
      fetchCredential(server, { name, token: ownToken(), signal }),
    peeked: (id, answer, signal) =>
      inTurn(async () => {
        const path = `/v1/peeks/${encodeURIComponent(id)}`;
        const sent = { path, request: answer, token: ownToken(), timeoutMs: TIMEOUT_MS, signal };
        await exchange(server, PeekReceipt, sent);
      }),
    status: () => ({ vmId: credential?.vmId, acknowledgedHeartbeats, lastError }),
    clockOffset: () => clockOffset,
  };
};
