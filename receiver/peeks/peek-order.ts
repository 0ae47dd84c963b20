import * as v from 'valibot';
import type { PeekDirective } from '../../protocol/directive.ts';
import { PeekQuestion } from '../../protocol/peek.ts';
import { Text } from '../../protocol/words.ts';
import type { PeekRecord } from './peek-record.ts';

const MAX_MS = 3_600_000;
/** Beyond two heartbeats, for the look itself. */
const SPARE_MS = 30_000;

/** What an operator posts. */
export const PeekOrder = v.pipe(
  v.strictObject({
    ...PeekQuestion.entries,
    /** Who asks. */
    by: v.optional(Text, ''),
    /** How long the VM may take to fetch it; without it, two heartbeats and a little. */
    expiresInMs: v.optional(v.pipe(v.number(), v.minValue(1000), v.maxValue(MAX_MS))),
  }),
  v.forward(
    v.check(
      ({ thing, path }) => path === undefined || thing === 'ls' || thing === 'tail',
      'a path goes with ls and tail',
    ),
    ['path'],
  ),
  v.forward(
    v.check(({ thing, lines }) => lines === undefined || thing === 'tail', 'lines go with tail'),
    ['lines'],
  ),
  v.forward(
    v.check(
      ({ thing, fromByte }) => fromByte === undefined || thing === 'tail',
      'it goes with tail',
    ),
    ['fromByte'],
  ),
);
export type PeekOrder = v.InferOutput<typeof PeekOrder>;

export const planPeek = (
  { by, expiresInMs, ...question }: PeekOrder,
  asked: { id: string; vmId: string; address: string; paceMs: number; nowMs: number },
): PeekRecord => ({
  id: asked.id,
  vmId: asked.vmId,
  question,
  by: by === '' ? asked.address : `${by} at ${asked.address}`,
  askedMs: asked.nowMs,
  expiresAtMs: Math.round(asked.nowMs + (expiresInMs ?? 2 * asked.paceMs + SPARE_MS)),
});

/** A look as it stands in an answer to its VM. */
export const wirePeek = (
  { id, question, by, expiresAtMs }: PeekRecord,
  nowMs: number,
): PeekDirective => ({
  id,
  kind: 'peek',
  reason: '',
  expiresInMs: Math.max(0, expiresAtMs - nowMs),
  ...question,
  by,
});
