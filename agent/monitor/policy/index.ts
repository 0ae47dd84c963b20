import type { Verdict } from '../../../protocol/heartbeat.ts';
import { advice } from './advice.ts';
import { budget } from './budget.ts';
import { campaignEnd } from './campaign-end.ts';
import { credentialExpiry } from './credential-expiry.ts';
import { downtime } from './downtime.ts';
import { holdEnds } from './hold-ends.ts';
import { lifetime } from './lifetime.ts';
import { lostReceiver } from './lost-receiver.ts';
import { noPayloads } from './no-payloads.ts';
import { pilotsEnded } from './pilots-ended.ts';
import { pilotsGaveUp } from './pilots-gave-up.ts';
import type { Policy } from './policy.ts';
import { preemption } from './preemption.ts';
import { reboots } from './reboots.ts';
import { sickNode } from './sick-node.ts';
import { stuckPilots } from './stuck-pilots.ts';
import { systemStop } from './system-stop.ts';
import { zeroLoad } from './zero-load.ts';

/**
 * Every policy, in the order in which it is asked; among equal actions the first one's reason is told.
 * `pilotage-agent policies` prints the table.
 */
export const POLICIES: readonly Policy[] = [
  systemStop,
  lifetime,
  preemption,
  reboots,
  lostReceiver,
  holdEnds,
  sickNode,
  pilotsGaveUp,
  pilotsEnded,
  credentialExpiry,
  campaignEnd,
  budget,
  downtime,
  noPayloads,
  zeroLoad,
  advice,
  stuckPilots,
];

/**
 * Which action wins: the higher one. A halt ends all. A hold and a drain go together: the first keeps pilots from
 * beginning anything, the second says until when they may go on.
 */
export const PRECEDENCE: Readonly<Record<Verdict['action'], number>> = {
  halt: 4,
  hold: 3,
  drain: 2,
  'no-new': 1,
  none: 0,
};
