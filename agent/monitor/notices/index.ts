import { azureEvents } from './azure-events.ts';
import { ec2Rebalance } from './ec2-rebalance.ts';
import { ec2Spot } from './ec2-spot.ts';
import { gceMaintenance } from './gce-maintenance.ts';
import { gcePreempted } from './gce-preempted.ts';
import { outerFeatures } from './outer-features.ts';
import type { NoticeSource } from './source.ts';

/**
 * Every place from which the end of a VM may be announced. OpenStack and OpenNebula announce it by
 * ACPI's power button alone, which comes as the end of the system: see `agent/life/system-stop.ts`.
 */
export const NOTICE_SOURCES: readonly NoticeSource[] = [
  ec2Spot,
  ec2Rebalance,
  gcePreempted,
  gceMaintenance,
  azureEvents,
  outerFeatures,
];
