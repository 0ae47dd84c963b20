import type { Identity } from '../../protocol/enrol.ts';
import type { CredentialHead, CredentialRecord, Sealed } from '../credentials/credential-record.ts';
import type { CredentialScope } from '../credentials/credential-scope.ts';
import type { HookRecord } from '../deletions/hook-record.ts';
import type { DirectiveRecord } from '../directives/directive-record.ts';
import type { VmFilter } from '../fleet/fleet-state.ts';
import type { Transition } from '../fleet/transition.ts';
import type { Arrival, HistoryEntry, LogArrival, VmRecord } from '../fleet/vm-record.ts';
import type { PeekEnd, PeekRecord } from '../peeks/peek-record.ts';

/** Log bytes kept for each VM and source; what lies further back is forgotten. */
export const KEPT_LOG_BYTES = 256 * 1024;
/** Log sources kept for each VM, those written to last. */
export const KEPT_LOG_SOURCES = 512;
/** Of a log that is sent whole, so much of its end is wanted at the most, bytes as they were written. */
export const WHOLE_LOG_BYTES = 64 * 1024 * 1024;
/** Calls of hooks that are remembered of each VM, beside the first. */
export const KEPT_HOOK_CALLS = 50;
/** Looks at pilots that are remembered, over all VMs. */
export const KEPT_PEEKS = 100_000;

export interface NewEnrolment {
  /** Used unless the nonce is known. */
  vmId: string;
  nonce: string;
  /** SHA-256 of the token that the VM is about to get. */
  tokenHash: Uint8Array;
  identity: Identity;
  agentVersion: string;
  enrolledMs: number;
}

export type EnrolOutcome =
  | { kind: 'enrolled'; vmId: string }
  /** The nonce belongs to a VM that has used its token, or to another machine. */
  | { kind: 'nonce-used' };

/** What waits for a VM, and is sent with the answer. */
export interface Waiting {
  /** Oldest first. */
  directives: DirectiveRecord[];
  /** The same of looks at its pilots. */
  peeks: PeekRecord[];
}

export interface HeartbeatOutcome extends Waiting {
  /** True for a (boot id, sequence) that was stored before; it changed nothing. */
  repeated: boolean;
  before: VmRecord;
  after: VmRecord;
}

/** A step in sending a log whole, and when it arrived. */
export interface WholeLogArrival {
  vmId: string;
  bootId: string;
  source: string;
  /** Bytes ever written to the log. */
  size: number;
  /** Without it the VM only asks which byte is wanted. */
  chunk: { fromByte: number; toByte: number; packed: Uint8Array } | undefined;
  receivedMs: number;
}

export interface LogSource {
  source: string;
  /** The first byte still kept, and the one behind the last. */
  fromByte: number;
  toByte: number;
  updatedMs: number;
}

export interface LogStretch {
  /** Where the bytes begin, at or after what was asked for. */
  fromByte: number;
  bytes: Uint8Array;
}

/**
 * What the receiver remembers. Every promise of a write resolves only once the write would survive a
 * power cut; it fails with `storage-failed`, and then nothing of that write was kept. Writes that are
 * asked for together may be made durable together.
 */
export interface Storage {
  /**
   * A known nonce whose token was never used gets the new token instead, the old one being void.
   */
  enrol(enrolment: NewEnrolment): Promise<EnrolOutcome>;
  vmIdOfToken(tokenHash: Uint8Array): Promise<string | undefined>;

  /**
   * In one transaction: the history row, the record after `transition`, acknowledgements of this
   * VM's own directives (the first word on each counts), log pieces, and which directives are sent.
   * `undefined` if there is no such VM.
   */
  recordHeartbeat(arrival: Arrival, transition: Transition): Promise<HeartbeatOutcome | undefined>;

  /** Log pieces between two heartbeats, and what is to be sent now; `undefined` if there is no such VM. */
  recordLogs(arrival: LogArrival): Promise<Waiting | undefined>;
  /**
   * A part that follows on what is there is kept, any other is not. The next byte that is wanted;
   * `undefined` if there is no such VM.
   */
  recordWholeLog(arrival: WholeLogArrival): Promise<number | undefined>;

  vm(vmId: string): Promise<VmRecord | undefined>;
  /** In the order of VM ids, those after `afterVmId`. */
  listVms(filter: VmFilter, afterVmId: string, limit: number): Promise<VmRecord[]>;
  countVms(filter: VmFilter): Promise<number>;
  /** VMs of which the id, instance id or hostname begins so; those with the whole name first. */
  findVms(prefix: string, limit: number): Promise<VmRecord[]>;
  /** Newest first. */
  history(vmId: string, limit: number): Promise<HistoryEntry[]>;

  /**
   * In one transaction: the record after `change`, which may be called more than once, and a row of the audit.
   * `undefined` if there is no such VM.
   */
  changeVm(
    vmId: string,
    change: (vm: VmRecord) => VmRecord,
    record?: HookRecord,
  ): Promise<VmRecord | undefined>;
  /** Those for which a hook is to be called, now or later, in the order in which they are due. */
  dueHooks(limit: number): Promise<VmRecord[]>;
  /** VMs that say that they are this instance of a cloud. */
  claimants(cloud: string, instanceId: string): Promise<VmRecord[]>;
  /** Newest first. */
  listHookCalls(vmId: string, limit: number): Promise<HookRecord[]>;

  addDirective(directive: DirectiveRecord): Promise<void>;
  /** Newest first; of all VMs where none is named. */
  listDirectives(vmId: string | undefined, limit: number): Promise<DirectiveRecord[]>;

  addPeek(peek: PeekRecord): Promise<void>;
  /** Notes how one ended; false if none of this VM waits by that id. */
  endPeek(vmId: string, id: string, end: PeekEnd): Promise<boolean>;
  peek(vmId: string, id: string): Promise<PeekRecord | undefined>;
  /** Newest first; of all VMs where none is named. */
  listPeeks(vmId: string | undefined, limit: number): Promise<PeekRecord[]>;

  /** Sorted by name. */
  logSources(vmId: string): Promise<LogSource[]>;
  /** The first unbroken stretch at or after a byte; `undefined` if there is none. */
  readLog(vmId: string, source: string, fromByte: number): Promise<LogStretch | undefined>;

  /** Takes the place of the one with the same name and scope; of that nothing is left. */
  putCredential(credential: CredentialRecord): Promise<void>;
  removeCredential(name: string, scope: CredentialScope): Promise<void>;
  listCredentials(): Promise<CredentialHead[]>;
  /** The content of one version; `undefined` if it is gone. */
  sealedCredential(version: string): Promise<Sealed | undefined>;

  /** Resolves after a write of its own; fails as any write would. */
  checkWritable(nowMs: number): Promise<void>;
  /** Writes what is waiting, then lets go of the database. */
  close(): Promise<void>;
}
