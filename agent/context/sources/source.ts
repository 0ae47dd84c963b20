import type { Clock } from '../../../platform/clock.ts';
import type { Files } from '../../../platform/files.ts';
import type { Http } from '../../../platform/http.ts';
import type { GroupKind } from '../../../protocol/cloud.ts';
import type { DetectionFacts } from './detection-facts.ts';
import type { Disks } from './disks.ts';

/** Where a context can come from. */
export type SourceName =
  | 'file'
  | 'cloud-init'
  | 'nocloud'
  | 'opennebula'
  | 'azure'
  | 'gce'
  | 'openstack'
  | 'ec2';

/** What speaks for a source, in words for a person. */
export interface Evidence {
  because: string;
}

/** What a cloud tells of its VM; what it does not tell is absent. */
export interface CloudFacts {
  instanceId?: string;
  imageId?: string;
  instanceType?: string;
  /** The availability zone, by its short name. */
  zone?: string;
  region?: string;
  localIp?: string;
  publicIp?: string;
  /** `spot`: may be taken away at any time. */
  lifeCycle?: 'spot' | 'normal';
  /** What the cloud's commands call it. */
  instanceName?: string;
  /** Of GCE and OpenStack the project, of Azure the subscription. */
  project?: string;
  /** Azure's. */
  resourceGroup?: string;
  /** What may put another VM in the place of this one; it may have a kind and no name. */
  group?: string;
  groupKind?: GroupKind;
}

export interface SourceResult {
  /** As the source gave it, unpacked from nothing but the source's own encoding; absent: there is none. */
  userData?: Buffer;
  facts: CloudFacts;
}

/** How long a source is waited for. */
export interface Patience {
  /** One request with its answer, ms. */
  requestMs: number;
  /** All requests with their repetitions, ms. */
  totalMs: number;
}

/** Where metadata services are; the clouds' own addresses unless said otherwise. */
export interface SourceOptions {
  /** Instead of the clouds' own addresses, e.g. of a relay. */
  metadataUrl?: string;
  /** EC2 alone: without a token if the service gives none. */
  allowImdsV1: boolean;
}

export interface SourcePorts {
  files: Files;
  clock: Clock;
  http: Http;
  disks: Disks;
  options: SourceOptions;
  patience: Patience;
  /** What was found offline. */
  known: DetectionFacts;
}

/**
 * One place from which user-data and facts come. `detect` looks at what is known offline and asks
 * nobody. `fetch` fails with a PilotageError if the source gives no usable answer, which is something
 * else than an answer that there is no user-data.
 */
export interface Source {
  name: SourceName;
  /** The facts that it can tell. */
  tells: readonly (keyof CloudFacts)[];
  detect(facts: DetectionFacts): Evidence | undefined;
  fetch(ports: SourcePorts, signal: AbortSignal): Promise<SourceResult>;
}

/** Bound of user-data, encoded or not. The clouds' own lie between 16 KiB (EC2) and 256 KiB (GCE). */
export const USER_DATA_BYTES = 512 * 1024;
