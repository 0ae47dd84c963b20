import type { Verdict } from '../../../protocol/heartbeat.ts';
import { holdEnds } from './hold-ends.ts';
import { lifetime } from './lifetime.ts';
import { noPayloads } from './no-payloads.ts';
import { pilotsEnded } from './pilots-ended.ts';
import { pilotsGaveUp } from './pilots-gave-up.ts';
import type { Policy } from './policy.ts';
import { reboots } from './reboots.ts';
import { zeroLoad } from './zero-load.ts';

/** Every policy, in the order in which it is asked; among equal actions the first one's reason is told. */
export const POLICIES: readonly Policy[] = [
  lifetime,
  reboots,
  holdEnds,
  pilotsGaveUp,
  pilotsEnded,
  noPayloads,
  zeroLoad,
];

/** Which action wins: the higher one. */
export const PRECEDENCE: Readonly<Record<Verdict['action'], number>> = {
  halt: 3,
  hold: 2,
  drain: 1,
  none: 0,
};
