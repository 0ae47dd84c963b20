import * as v from 'valibot';
import { Count, DurationMs, Name, ProtocolVersion, Text } from './words.ts';

/** Who a VM says it is: where it runs, what it was made from, and for whom. */
export const Identity = v.object({
  /** The cloud's own id of this VM; a copy of the disk in another VM has another one. */
  instanceId: Name,
  hostname: Name,
  site: v.optional(Name),
  endpoint: v.optional(Name),
  runningPod: v.optional(Name),
  vo: v.optional(Name),
  image: v.optional(Name),
  instanceType: v.optional(Name),
  cores: v.optional(Count),
  memoryMb: v.optional(Count),
});
export type Identity = v.InferOutput<typeof Identity>;

/**
 * `POST /v1/enrol`: exchanges the enrolment secret of the context for a credential of this VM alone.
 * Idempotent for a nonce: an answer that was lost can be asked for again, until the VM has first
 * used its token.
 */
export const EnrolRequest = v.object({
  protocol: ProtocolVersion,
  /** 128 random bits or more, hexadecimal, saved by the agent before it asks. */
  nonce: v.pipe(v.string(), v.regex(/^[0-9a-f]{32,128}$/)),
  secret: v.pipe(v.string(), v.minLength(1), v.maxLength(1024)),
  bootId: Name,
  agentVersion: Name,
  identity: Identity,
});
export type EnrolRequest = v.InferOutput<typeof EnrolRequest>;

export const EnrolResponse = v.object({
  protocol: ProtocolVersion,
  /** UUIDv7 (RFC 9562). */
  vmId: v.pipe(v.string(), v.uuid()),
  /** 256 random bits, base64url. The receiver keeps only its SHA-256. */
  token: v.pipe(v.string(), v.regex(/^[A-Za-z0-9_-]{43}$/)),
  nextHeartbeatMs: DurationMs,
  /** ISO 8601, for people who compare clocks; nothing is computed from it. */
  receiverTime: Text,
});
export type EnrolResponse = v.InferOutput<typeof EnrolResponse>;
