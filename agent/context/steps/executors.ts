import { authorities } from './authorities.ts';
import { credential } from './credential.ts';
import { credentialSource } from './credential-source.ts';
import { cvmfsCache } from './cvmfs-cache.ts';
import { cvmfsClient } from './cvmfs-client.ts';
import { cvmfsFiles } from './cvmfs-files.ts';
import { cvmfsMount } from './cvmfs-mount.ts';
import type { Executors } from './executor.ts';
import { features } from './features.ts';
import { hook } from './hook.ts';
import { hostname } from './hostname.ts';
import { kernel } from './kernel.ts';
import { metadataClosed } from './metadata-closed.ts';
import { pilotUsers } from './pilot-users.ts';
import { proxies } from './proxies.ts';
import { scratch } from './scratch.ts';
import { scratchDisk } from './scratch-disk.ts';
import { swapDisk } from './swap-disk.ts';
import { swapFile } from './swap-file.ts';
import { timeServers } from './time-servers.ts';
import { timeZone } from './time-zone.ts';

/** Every kind of step with what does it; a kind without an executor does not compile. */
export const EXECUTORS: Executors = {
  hook,
  hostname,
  'time-zone': timeZone,
  'time-servers': timeServers,
  kernel,
  'scratch-disk': scratchDisk,
  'swap-disk': swapDisk,
  'swap-file': swapFile,
  proxies,
  'cvmfs-client': cvmfsClient,
  cvmfs: cvmfsFiles,
  'cvmfs-cache': cvmfsCache,
  'cvmfs-mount': cvmfsMount,
  authorities,
  'pilot-users': pilotUsers,
  scratch,
  credential,
  'credential-source': credentialSource,
  'metadata-closed': metadataClosed,
  'machine-features': features,
  'job-features': features,
};
