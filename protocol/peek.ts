import * as v from 'valibot';
import { LIMITS } from './limits.ts';
import { Count, Name, ProtocolVersion } from './words.ts';

/** All that can be looked at of a pilot. There is nothing else, and no command of anybody's choice. */
export const PEEK_THINGS = ['ps', 'top', 'ls', 'tail', 'stack'] as const;
export const PeekThing = v.picklist(PEEK_THINGS);
export type PeekThing = v.InferOutput<typeof PeekThing>;

/** A slot, `00`, or one run of it, `00-3`. */
export const PilotName = v.pipe(
  v.string(),
  v.regex(/^\d{2,5}(-\d{1,9})?$/, 'a slot such as 00, or a run of it such as 00-3'),
);

/** A path on the VM: absolute, or below the pilot's home. */
export const PeekPath = v.pipe(
  v.string(),
  v.minLength(1),
  v.maxLength(1024),
  v.regex(/^[^\p{Cc}]+$/u, 'a path without control characters'),
);

/** What is looked at, and of whom. */
export const PeekQuestion = v.object({
  thing: PeekThing,
  pilot: PilotName,
  /** Of `ls` and `tail`; without it the pilot's home, and its output. */
  path: v.optional(PeekPath),
  /** Of `tail`: how many lines at most. */
  lines: v.optional(v.pipe(Count, v.minValue(1), v.maxValue(LIMITS.peekLines))),
  /** Of `tail`: what has come since this byte, instead of the last lines. */
  fromByte: v.optional(Count),
});
export type PeekQuestion = v.InferOutput<typeof PeekQuestion>;

/**
 * `POST /v1/peeks/:id`, authorized by the VM's own bearer token: what was seen. It is the payload's own data,
 * kept in the receiver's memory alone. A look that is refused is just acknowledged so.
 */
export const PeekAnswer = v.object({
  protocol: ProtocolVersion,
  /** The run that was looked at, `00-3`. */
  unit: Name,
  text: v.pipe(v.string(), v.maxLength(LIMITS.peekChars)),
  /** There was more than fits. */
  isCut: v.optional(v.boolean(), false),
  /** Of `tail`: the byte behind the last one in the text. */
  nextByte: v.optional(Count),
});
export type PeekAnswer = v.InferOutput<typeof PeekAnswer>;

export const PeekReceipt = v.object({ ok: v.literal(true) });
export type PeekReceipt = v.InferOutput<typeof PeekReceipt>;
