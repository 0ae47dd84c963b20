import type { Identity } from '../../protocol/enrol.ts';
import type { HeartbeatRequest, LogPiece } from '../../protocol/heartbeat.ts';
import type { Deletion } from './deletion.ts';
import type { ScaleInGuard } from './scale-in-guard.ts';

/** The newest heartbeat of a VM, as far as it describes the VM; logs and acknowledgements go elsewhere. */
export type LatestHeartbeat = Pick<
  HeartbeatRequest,
  | 'bootId'
  | 'sequence'
  | 'agentVersion'
  | 'state'
  | 'reason'
  | 'uptimeMs'
  | 'load'
  | 'cpuCores'
  | 'payloads'
  | 'readings'
  | 'readingAgesMs'
  | 'pilots'
  | 'verdicts'
  | 'shutdownMessage'
  | 'cloud'
>;

/** What the receiver knows of one VM. Times are the receiver's own, ms since 1970. */
export interface VmRecord {
  /** UUIDv7, so that its order is that of enrolment. */
  vmId: string;
  identity: Identity;
  /** As it enrolled; each heartbeat says it anew. */
  agentVersion: string;
  enrolledMs: number;
  /** When any word of this VM was last heard, enrolment included. */
  lastHeardMs: number;
  /** Since when it reports its present state; since enrolment if it has reported none. */
  stateSinceMs: number;
  /** Missing until the first heartbeat. */
  latest?: LatestHeartbeat;
  /** Once it is to be deleted in its cloud. */
  deletion?: Deletion;
  /** While it is in a group that may be told to spare it. */
  guard?: ScaleInGuard;
}

/** One heartbeat, and when it arrived. */
export interface Arrival {
  vmId: string;
  heartbeat: HeartbeatRequest;
  receivedMs: number;
}

/** Pieces of a VM's logs, and when they arrived. */
export interface LogArrival {
  vmId: string;
  bootId: string;
  pieces: readonly LogPiece[];
  receivedMs: number;
}

/** A row of a VM's history. */
export interface HistoryEntry {
  receivedMs: number;
  bootId: string;
  sequence: number;
  state: HeartbeatRequest['state'];
  reason: string;
  uptimeMs: number;
  load: HeartbeatRequest['load'];
  cpuCores: HeartbeatRequest['cpuCores'];
  payloads: HeartbeatRequest['payloads'];
  pilotsRunning: number;
}
