import type { Fault } from './fault.ts';
import { AGENT_FAULTS } from './list-agent.ts';
import { SURROUNDING_FAULTS } from './list-around.ts';
import { MACHINE_FAULTS } from './list-machine.ts';
import { PAYLOAD_FAULTS } from './list-payloads.ts';

/** The fault list: what can happen to a VM, and how it must end all the same. */
export const FAULTS: readonly Fault[] = [
  ...AGENT_FAULTS,
  ...SURROUNDING_FAULTS,
  ...MACHINE_FAULTS,
  ...PAYLOAD_FAULTS,
];
