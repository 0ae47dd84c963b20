import type { StepKind, StepOf } from '../step.ts';
import { applyConfigurationFiles } from './configuration-files.ts';
import { applyCredential } from './credential.ts';
import { applyFeatures } from './features.ts';
import { applyHook } from './hook.ts';
import { applyPilotUsers } from './pilot-users.ts';
import type { StepPorts } from './ports.ts';
import { applyScratch } from './scratch.ts';

type Executors = { [K in StepKind]: (step: StepOf<K>, ports: StepPorts) => Promise<void> };

/** Every kind of step with what does it; a kind without an executor does not compile. */
export const EXECUTORS: Executors = {
  hook: applyHook,
  proxies: applyConfigurationFiles,
  cvmfs: applyConfigurationFiles,
  'pilot-users': applyPilotUsers,
  scratch: applyScratch,
  credential: applyCredential,
  'machine-features': applyFeatures,
  'job-features': applyFeatures,
};
