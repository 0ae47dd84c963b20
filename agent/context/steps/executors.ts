import { configurationFiles } from './configuration-files.ts';
import { credential } from './credential.ts';
import type { Executors } from './executor.ts';
import { features } from './features.ts';
import { hook } from './hook.ts';
import { pilotUsers } from './pilot-users.ts';
import { scratch } from './scratch.ts';

/** Every kind of step with what does it; a kind without an executor does not compile. */
export const EXECUTORS: Executors = {
  hook,
  proxies: configurationFiles,
  cvmfs: configurationFiles,
  'pilot-users': pilotUsers,
  scratch,
  credential,
  'machine-features': features,
  'job-features': features,
};
