import * as v from 'valibot';
import { CloudWord } from './cloud.ts';
import { CredentialOffer } from './credential.ts';
import { Acknowledgement, Directive } from './directive.ts';
import { LIMITS } from './limits.ts';
import { Plan } from './plan.ts';
import { ReadingAges, ToldReadings } from './readings.ts';
import {
  Count,
  DurationMs,
  Name,
  PilotActivity,
  PilotState,
  ProtocolVersion,
  Text,
  VmState,
  WireReading,
} from './words.ts';

/** As the system that sends jobs names one: `1234.0`, `87654321`. */
export const JobId = v.pipe(v.string(), v.regex(/^[A-Za-z0-9._-]{1,64}$/, 'the id of a job'));

export const PilotReport = v.object({
  slot: Name,
  generation: Count,
  state: PilotState,
  cores: Count,
  /** The same in the words that people are shown. */
  activity: v.optional(PilotActivity),
  /** Processor time since its start, in cores averaged over the last tick. */
  cpuCores: v.optional(WireReading),
  payloads: v.optional(WireReading),
  /** What it said of itself last, or why it has not joined: one line. */
  said: v.optional(Text),
  /** Its payloads by the ids of the system that sent them, where its kind tells. */
  jobs: v.optional(v.pipe(v.array(JobId), v.maxLength(LIMITS.jobs))),
  /** Payloads that this run has started since it began. */
  payloadsStarted: v.optional(Count),
  runningMs: v.optional(DurationMs),
  /** How its last run ended, e.g. `exit 1` or `signal SIGKILL`. */
  lastExit: v.optional(Text),
  /** What that meant, as Vac numbers it: 200 work done, 300 no more work, 400 banned, … */
  lastVac: v.optional(Count),
});
export type PilotReport = v.InferOutput<typeof PilotReport>;

/**
 * A piece of a log file, from a byte offset on. Pieces may repeat after a lost answer: source and
 * offset tell.
 */
export const LogPiece = v.object({
  /** `agent`, or `<slot>-<generation>` of a pilot with what it is of it: `.out`, `.err`, `.evidence`, … */
  source: Name,
  fromByte: Count,
  text: v.pipe(v.string(), v.maxLength(LIMITS.logPieceChars)),
});
export type LogPiece = v.InferOutput<typeof LogPiece>;

export const VERDICT_ACTIONS = ['none', 'no-new', 'drain', 'hold', 'halt'] as const;
/** One line of the chain reading → policy → decision, as `why` prints it. */
export const Verdict = v.object({
  policy: Name,
  /** What it asks for; `no-new`: pilots stay, and neither a pilot nor a payload is begun. */
  action: v.picklist(VERDICT_ACTIONS),
  because: Text,
  /** `observe`: it only says what it would do. Whoever does not say does it. */
  mode: v.optional(v.picklist(['enforce', 'observe'])),
});
export type Verdict = v.InferOutput<typeof Verdict>;

/**
 * `POST /v1/heartbeat`, authorized by the VM's own bearer token. `bootId` and `sequence` identify
 * it: the sequence never goes back within a credential's life, and a repeated one changes nothing.
 */
export const HeartbeatRequest = v.object({
  protocol: ProtocolVersion,
  bootId: Name,
  sequence: Count,
  agentVersion: Name,
  state: VmState,
  /** Why it is in this state, for a person. */
  reason: v.optional(Text, ''),
  uptimeMs: DurationMs,
  load: WireReading,
  /** Cores in use by pilots, averaged over the last tick. */
  cpuCores: WireReading,
  payloads: WireReading,
  /** GPUs in use by pilots; absent where they have none. */
  gpus: v.optional(WireReading),
  /** All other readings; an older agent tells none. */
  readings: v.optional(ToldReadings),
  readingAgesMs: v.optional(ReadingAges),
  pilots: v.pipe(v.array(PilotReport), v.maxLength(LIMITS.pilots)),
  /** Once the VM knows it; what was said before holds where it is absent. */
  cloud: v.optional(CloudWord),
  /** Of a VM that powers off: what it came to, as Vac's `NNN text`. */
  shutdownMessage: v.optional(Text),
  verdicts: v.optional(v.pipe(v.array(Verdict), v.maxLength(32)), []),
  acknowledged: v.optional(v.pipe(v.array(Acknowledgement), v.maxLength(LIMITS.directives)), []),
  logs: v.optional(v.pipe(v.array(LogPiece), v.maxLength(LIMITS.logPieces)), []),
});
export type HeartbeatRequest = v.InferOutput<typeof HeartbeatRequest>;

/** How much of its logs a VM may send while all is well; by it the receiver bounds the load of a fleet. */
export const LogShare = v.object({
  /** ms between two messages with nothing but new lines; those wait for the heartbeat where it is sooner. */
  everyMs: DurationMs,
  /** Bytes of all logs in one message. */
  bytes: Count,
  /**
   * ms after which a VM without new lines sends a message without any: its answer brings directives
   * between two heartbeats. An older receiver says nothing, and is not asked.
   */
  askMs: v.optional(DurationMs),
});
export type LogShare = v.InferOutput<typeof LogShare>;

/** Sent only once the heartbeat is durable. */
export const HeartbeatResponse = v.object({
  /** The receiver sets the pace: ms until it wants to hear from this VM again. */
  nextHeartbeatMs: DurationMs,
  receiverTime: Text,
  directives: v.pipe(v.array(Directive), v.maxLength(LIMITS.directives)),
  /** Those meant for this VM, to be fetched by name when the version is another; an older receiver says nothing. */
  credentials: v.optional(v.pipe(v.array(CredentialOffer), v.maxLength(LIMITS.credentials))),
  /** An older receiver says nothing; it takes logs with heartbeats alone. */
  logs: v.optional(LogShare),
  /** All that is planned for this VM: what is no longer among it was withdrawn. An older receiver says nothing. */
  plans: v.optional(v.pipe(v.array(Plan), v.maxLength(LIMITS.plans))),
});
export type HeartbeatResponse = v.InferOutput<typeof HeartbeatResponse>;
