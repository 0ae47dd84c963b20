import * as v from 'valibot';
import { DurationMs, Text } from './words.ts';

/**
 * What a receiver knows of the time to come and its VMs end their work for: the end of a campaign, of its
 * budget, or a downtime of the site. Unlike a directive it is no order, is not acknowledged, and is over
 * once an answer is without it. Of what has begun, `startsInMs` is 0.
 */
export const PLAN_KINDS = ['campaign-end', 'budget', 'downtime'] as const;
export type PlanKind = (typeof PLAN_KINDS)[number];

export const Plan = v.object({
  kind: v.picklist(PLAN_KINDS),
  /** From receipt, ms. */
  startsInMs: DurationMs,
  /** Of what ends again; from receipt, ms. */
  endsInMs: v.optional(DurationMs),
  /** For people. */
  reason: v.optional(Text, ''),
});
export type Plan = v.InferOutput<typeof Plan>;
