import * as v from 'valibot';
import {
  COLLECT_LOGS,
  END_PILOT,
  PACE,
  REDISCOVER_SQUIDS,
  RELOAD_CONTEXT,
  SIGNAL,
} from '../../protocol/order-fields.ts';
import { Text } from '../../protocol/words.ts';
import type { DirectiveRecord, DirectiveWish } from './directive-record.ts';

const MINUTE_MS = 60_000;
const DAY_MS = 24 * 60 * MINUTE_MS;
const MAX_MS = 366 * DAY_MS;

/** How long a directive is kept for a VM that does not come to fetch it, ms; what is said of one moment is not kept for long. */
const EXPIRES_IN_MS: Readonly<Record<DirectiveWish['kind'], number>> = {
  drain: DAY_MS,
  undrain: DAY_MS,
  halt: DAY_MS,
  'end-pilot': 60 * MINUTE_MS,
  signal: 15 * MINUTE_MS,
  'collect-logs': DAY_MS,
  pace: DAY_MS,
  'rediscover-squids': 60 * MINUTE_MS,
  'reload-context': DAY_MS,
};

const Ms = v.pipe(v.number(), v.minValue(0), v.maxValue(MAX_MS));
const common = {
  reason: v.optional(Text, ''),
  /** Who gives it. */
  by: v.optional(Text, ''),
  /** Without it, as its kind has it. */
  expiresInMs: v.optional(Ms),
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
  v.strictObject({ ...common, ...END_PILOT }),
  v.strictObject({ ...common, ...SIGNAL }),
  v.strictObject({ ...common, ...COLLECT_LOGS }),
  v.strictObject({ ...common, ...PACE }),
  v.strictObject({ ...common, ...REDISCOVER_SQUIDS }),
  v.strictObject({ ...common, ...RELOAD_CONTEXT }),
]);
export type DirectiveOrder = v.InferOutput<typeof DirectiveOrder>;

/** A pace runs from when it was given; once it is over nobody needs to be told of it. */
const expiryOf = ({ expiresInMs, ...wish }: DirectiveOrder): number => {
  const usual = expiresInMs ?? EXPIRES_IN_MS[wish.kind];
  return wish.kind === 'pace' ? Math.min(usual, wish.forMs) : usual;
};

export const planDirective = (
  order: DirectiveOrder,
  given: { id: string; vmId: string; address: string; nowMs: number },
): DirectiveRecord => {
  const { reason, by, expiresInMs: _, ...wish } = order;
  const { id, vmId, address, nowMs } = given;
  return {
    ...{ id, vmId, wish, reason },
    by: by === '' ? address : `${by} at ${address}`,
    createdMs: nowMs,
    expiresAtMs: Math.round(nowMs + expiryOf(order)),
  };
};
