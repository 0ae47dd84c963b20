import * as v from 'valibot';
import { Text } from '../../protocol/words.ts';
import type { DirectiveRecord } from './directive-record.ts';

/** How long a directive is kept for a VM that does not come to fetch it, ms. */
export const DEFAULT_EXPIRES_IN_MS = 24 * 3_600_000;
const MAX_MS = 366 * 24 * 3_600_000;

const Ms = v.pipe(v.number(), v.minValue(0), v.maxValue(MAX_MS));
const common = {
  reason: v.optional(Text, ''),
  expiresInMs: v.optional(Ms, DEFAULT_EXPIRES_IN_MS),
};

/** What an operator posts. Unlike on the VMs' side unknown keys are refused: a typing error in a
 * deadline must not end pilots early. */
export const DirectiveOrder = v.variant('kind', [
  v.strictObject({ ...common, kind: v.literal('drain'), deadlineMs: v.optional(Ms) }),
  v.strictObject({ ...common, kind: v.literal('undrain') }),
  v.strictObject({
    ...common,
    kind: v.literal('halt'),
    mode: v.optional(v.picklist(['graceful', 'now']), 'graceful'),
  }),
]);
export type DirectiveOrder = v.InferOutput<typeof DirectiveOrder>;

export const planDirective = (
  order: DirectiveOrder,
  id: string,
  vmId: string,
  nowMs: number,
): DirectiveRecord => ({
  id,
  vmId,
  kind: order.kind,
  reason: order.reason,
  createdMs: nowMs,
  expiresAtMs: Math.round(nowMs + order.expiresInMs),
  ...(order.kind === 'halt' ? { mode: order.mode } : {}),
  ...(order.kind === 'drain' && order.deadlineMs !== undefined
    ? { deadlineAtMs: Math.round(nowMs + order.deadlineMs) }
    : {}),
});
