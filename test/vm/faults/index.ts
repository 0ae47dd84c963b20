import type { Fault } from './fault.ts';
import { AGENT_FAULTS, HUNG } from './list-agent.ts';
import { SURROUNDING_FAULTS } from './list-around.ts';
import { CLOUD_FAULTS } from './list-cloud.ts';
import { MACHINE_FAULTS } from './list-machine.ts';
import { PAYLOAD_FAULTS } from './list-payloads.ts';

/**
 * The fault list: what can happen to a VM, and how it must end all the same. Two run side by side, so the first of
 * each world come first: they boot for the rest.
 */
export const FAULTS: readonly Fault[] = [
  HUNG,
  ...CLOUD_FAULTS,
  ...AGENT_FAULTS,
  ...SURROUNDING_FAULTS,
  ...MACHINE_FAULTS,
  ...PAYLOAD_FAULTS,
];
