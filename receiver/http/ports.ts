import type { Clock } from '../../platform/clock.ts';
import type { Exec } from '../../platform/exec.ts';
import type { Log } from '../../platform/log.ts';
import type { CredentialKeeper } from '../credentials/credential-keeper.ts';
import type { DeletionConfig, DeletionKeeper } from '../deletions/deletion-keeper.ts';
import type { FleetGauge } from '../fleet/log-share.ts';
import type { PeekDesk } from '../peeks/peek-desk.ts';
import type { Storage } from '../storage/storage.ts';

export interface ReceiverPorts {
  clock: Clock;
  log: Log;
  /** Closed when the receiver stops. */
  storage: Storage;
  /** Evenly spread in [0, 1); spreads the heartbeats. */
  random?: () => number;
  /** Runs the hooks; this machine's own if not said. */
  exec?: Exec;
}

export interface ReceiverConfig {
  /** Port 0: any free one. */
  listen: { host: string; port: number };
  /** PEM texts; without them plain HTTP is spoken. */
  tls?: { cert: string; key: string } | undefined;
  /** Plain HTTP also beyond loopback, where tokens can be read on the way. */
  allowPlainHttp?: boolean;
  /** What a context carries, so that its VM may enrol. */
  enrolmentSecret: string;
  operatorToken: string;
  /** 256 bits that seal the credentials in the database; without it none can be put or given. */
  credentialKey?: Uint8Array | undefined;
  /** How often a VM is to be heard. */
  paceMs: number;
  /** Silence after which a VM counts as stalled. */
  stallAfterMs: number;
  /** How VMs are deleted that are billed for nothing. */
  deletions?: Omit<DeletionConfig, 'stallAfterMs'>;
}

/** What the routes work with. */
export interface Room extends Required<ReceiverPorts> {
  config: ReceiverConfig;
  credentials: CredentialKeeper;
  fleet: FleetGauge;
  desk: PeekDesk;
  deletions: Pick<DeletionKeeper, 'nudge'>;
}
