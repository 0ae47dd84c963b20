import * as v from 'valibot';
import { PilotName } from './peek.ts';
import { DurationMs } from './words.ts';

/**
 * What orders consist of beyond who gives them and until when they hold: the same on the wire, in what
 * operators post, and in what the agent's own command line leaves.
 */

/** One pilot is ended, and its slot goes on, or not. */
export const END_PILOT = {
  kind: v.literal('end-pilot'),
  /** A slot means the run that is in it when the order is obeyed. */
  pilot: PilotName,
  /** `graceful`: it is told to end and gets its grace; `now`: it is killed. */
  mode: v.optional(v.picklist(['graceful', 'now']), 'graceful'),
  /** False: no other pilot starts in that slot. */
  restart: v.optional(v.boolean(), true),
} as const;

/**
 * Signals for payloads, which only processes get that have a handler for them (CONT: all). None of them
 * ends anything by itself, so that TERM is not among them: whoever wants a payload gone ends its pilot,
 * whose supervision then knows of it.
 */
export const PAYLOAD_SIGNALS = ['USR1', 'USR2', 'HUP', 'CONT'] as const;
export const PayloadSignal = v.picklist(PAYLOAD_SIGNALS);
export type PayloadSignal = v.InferOutput<typeof PayloadSignal>;

export const SIGNAL = {
  kind: v.literal('signal'),
  signal: PayloadSignal,
  /** Without it the payloads of every slot. */
  pilot: v.optional(PilotName),
} as const;

/** Logs are sent whole, as after a bad end. */
export const COLLECT_LOGS = {
  kind: v.literal('collect-logs'),
  /** The agent's own, or those of a run; without it the agent's and those of each slot's newest run. */
  of: v.optional(v.union([v.literal('agent'), PilotName])),
} as const;

/** Bounds of a pace, ms; none of it lasts for longer than a day. */
export const PACE_BOUNDS = { leastMs: 1000, mostMs: 600_000, longestMs: 24 * 3_600_000 } as const;

/** For a while heartbeats are this far apart, whatever happens between them; the farewell is not held up. */
export const PACE = {
  kind: v.literal('pace'),
  everyMs: v.pipe(
    DurationMs,
    v.minValue(PACE_BOUNDS.leastMs, 'a second at least'),
    v.maxValue(PACE_BOUNDS.mostMs, 'ten minutes at most'),
  ),
  /** From receipt. */
  forMs: v.pipe(DurationMs, v.maxValue(PACE_BOUNDS.longestMs, 'a day at most')),
} as const;

/** What names squids is asked anew, where the context says that anything does. */
export const REDISCOVER_SQUIDS = { kind: v.literal('rediscover-squids') } as const;

/** The context is fetched anew, and what is another in it is done while pilots go on. */
export const RELOAD_CONTEXT = { kind: v.literal('reload-context') } as const;
