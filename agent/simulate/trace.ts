import * as v from 'valibot';
import { PLAN_KINDS } from '../../protocol/plan.ts';
import type { ReadingName } from '../monitor/snapshot.ts';

/**
 * A trace: what an agent saw, for `simulate` to judge. JSON lines: the first says what it is of, each other one
 * what changed, and when. What a line leaves out stays as it was; between two lines the agent looked at every tick
 * and saw the same. All times are in ms.
 */

const oneOf = <const T extends string>(names: readonly T[]) =>
  v.picklist(names, `one of: ${names.join(', ')}`);
const whole = (least: number, most: number) => {
  const what = `a whole number from ${least} to ${most}`;
  return v.pipe(v.number(what), v.integer(what), v.minValue(least, what), v.maxValue(most, what));
};
/** No VM lives for longer than that of which a trace would help. */
const MOST_MS = 90 * 86_400_000;
const Ms = v.pipe(
  v.number('a number of ms'),
  v.minValue(0, 'not below 0'),
  v.maxValue(MOST_MS, 'at most 90 days'),
);
const Text = v.pipe(v.string('a text'), v.maxLength(1000, 'at most 1000 characters'));
const Word = v.pipe(v.string('a text'), v.regex(/^[\w.@-]{1,200}$/, 'a word without spaces'));
const SlotName = v.pipe(v.string('a text'), v.regex(/^\d{2,5}$/, 'two digits or more, such as 00'));
const listOf = <S extends v.GenericSchema>(item: S, most: number) =>
  v.pipe(v.array(item, 'a list'), v.maxLength(most, `at most ${most}`));

/** The value, or why there is none. */
const TOLD = 'a number, no-data or failed';
const Told = v.union(
  [v.pipe(v.number(TOLD), v.finite(TOLD)), v.picklist(['no-data', 'failed'])],
  TOLD,
);
export type Told = v.InferOutput<typeof Told>;

const reading = v.optional(Told);
const READINGS = {
  load: reading,
  cpuCores: reading,
  payloads: reading,
  gpus: reading,
  busyCores: reading,
  ioWaitCores: reading,
  networkBytesPerS: reading,
  diskBytesPerS: reading,
  memoryFreeShare: reading,
  cpuPressure: reading,
  memoryPressure: reading,
  ioPressure: reading,
  diskFreeShare: reading,
  inodesFreeShare: reading,
  cvmfs: reading,
  cvmfsErrors: reading,
  cvmfsBytesPerS: reading,
  squid: reading,
  clockOffsetMs: reading,
} as const satisfies Record<ReadingName, typeof reading>;

const Slot = v.strictObject({ name: SlotName, cores: whole(1, 4096) });

/** The first line. */
export const TraceHead = v.strictObject({
  trace: v.literal(1, 'trace: 1'),
  /** What happened, for people. */
  about: v.optional(Text, ''),
  /** How old the VM was when the trace begins. */
  ageMs: v.optional(Ms, 0),
  slots: v.optional(v.pipe(listOf(Slot, 1024), v.minLength(1, 'at least one slot')), [
    { name: '00', cores: 1 },
  ]),
});
export type TraceHead = v.InferOutput<typeof TraceHead>;

const TracePilot = v.strictObject({
  slot: SlotName,
  generation: whole(1, 1_000_000_000),
  state: oneOf(['starting', 'running', 'ended']),
  /** Of one that has ended. */
  exitCode: v.optional(whole(0, 255)),
  /** What it says that it runs; left out, it does not tell. */
  payloads: v.optional(Told),
  payloadsStarted: v.optional(whole(0, 1_000_000_000)),
  /** False while it cannot take payloads. */
  ready: v.optional(v.boolean('true or false')),
});
export type TracePilot = v.InferOutput<typeof TracePilot>;

const TraceOrder = v.strictObject({
  kind: oneOf(['drain', 'undrain', 'halt']),
  deadlineMs: v.optional(Ms),
  mode: v.optional(oneOf(['graceful', 'now'])),
  reason: v.optional(Text, ''),
});

const TraceNotice = v.strictObject({
  id: Word,
  source: Word,
  kind: oneOf(['preempt', 'advice']),
  /** From this line on. */
  deadlineMs: v.optional(Ms),
  because: v.optional(Text, ''),
});

/** Each other line. */
export const TraceLine = v.strictObject({
  /** Since the beginning of the trace. */
  atMs: Ms,
  /** By their names; the others stay as they were. */
  readings: v.optional(v.strictObject(READINGS), {}),
  /** All that there are. */
  pilots: v.optional(listOf(TracePilot, 1024)),
  /** All that are announced now. */
  notices: v.optional(listOf(TraceNotice, 32)),
  /** Those that come at this moment. */
  orders: v.optional(listOf(TraceOrder, 32), []),
  /** Whether the receiver acknowledges heartbeats. */
  receiver: v.optional(oneOf(['heard', 'silent'])),
  /** All that there are, with the life that each has left at this moment. */
  credentials: v.optional(listOf(v.strictObject({ name: Word, leftMs: v.optional(Ms) }), 64)),
  /** All that the receiver plans; from this moment on. */
  plans: v.optional(
    listOf(
      v.strictObject({
        kind: oneOf(PLAN_KINDS),
        startsInMs: Ms,
        endsInMs: v.optional(Ms),
        reason: v.optional(Text, ''),
      }),
      32,
    ),
  ),
  preparation: v.optional(oneOf(['pending', 'done', 'failed'])),
  /** Nobody looked since the line before: the agent was dead, or hung. */
  unseen: v.optional(v.literal(true, 'true, or leave it out')),
});
export type TraceLine = v.InferOutput<typeof TraceLine>;

export interface Trace {
  head: TraceHead;
  lines: readonly TraceLine[];
}

export const TRACE_LIMITS = {
  bytes: 64 * 1024 * 1024,
  lines: 200_000,
  lineChars: 256 * 1024,
} as const;
