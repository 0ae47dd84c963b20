import type { Scenario } from '../../bed.ts';
import { endingAgentRemoved } from './agent-removed.ts';
import { endingAgentStopped } from './agent-stopped.ts';
import { endingDeadMount } from './dead-mount.ts';
import { endingPanic } from './panic.ts';
import { endingPid1Hangs } from './pid1-hangs.ts';
import { endingStopIgnored } from './stop-ignored.ts';

/** A VM ends, whatever happens. */
export const ENDING: readonly Scenario[] = [
  endingAgentStopped,
  endingPanic,
  endingAgentRemoved,
  endingDeadMount,
  endingStopIgnored,
  endingPid1Hangs,
];
