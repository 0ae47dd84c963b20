import * as v from 'valibot';
import { LIMITS } from './limits.ts';
import { Count, DurationMs, Name, ProtocolVersion } from './words.ts';

/** A part of a log as it was written, compressed (gzip, RFC 1952), in base64. */
const Packed = v.pipe(v.string(), v.maxLength(LIMITS.wholeChunkBytes * 1.5), v.base64());

/**
 * One step in sending a log from its beginning to its end. The receiver says which byte it wants next;
 * a step without bytes only asks that. What was sent before is not taken again, so a step may be
 * repeated, and either side may be restarted at any time.
 */
export const WholeLogChunk = v.object({
  source: Name,
  /** Bytes ever written to it. */
  size: Count,
  /** Beyond what the receiver wanted where those bytes are gone. */
  fromByte: v.optional(Count),
  /** Bytes of this part before they were compressed. */
  length: v.optional(v.pipe(Count, v.minValue(1), v.maxValue(LIMITS.wholeChunkBytes))),
  gzip: v.optional(Packed),
});
export type WholeLogChunk = v.InferOutput<typeof WholeLogChunk>;

/** `POST /v1/logs/whole`, authorized by the VM's own bearer token. */
export const WholeLogRequest = v.pipe(
  v.object({ protocol: ProtocolVersion, bootId: Name, ...WholeLogChunk.entries }),
  v.check(
    ({ fromByte, length, gzip }) =>
      (fromByte === undefined) === (gzip === undefined) &&
      (length === undefined) === (gzip === undefined),
    'fromByte, length and gzip come together, or not at all',
  ),
);
export type WholeLogRequest = v.InferOutput<typeof WholeLogRequest>;

/** Sent only once the bytes are durable. */
export const WholeLogResponse = v.object({
  /** The next byte that is wanted; the log's size once all of it is there. */
  nextByte: Count,
  /** ms until the receiver wants to hear of whole logs from this VM again. */
  pauseMs: DurationMs,
});
export type WholeLogResponse = v.InferOutput<typeof WholeLogResponse>;
