import * as v from 'valibot';
import { Directive } from './directive.ts';
import { LogPiece, LogShare } from './heartbeat.ts';
import { LIMITS } from './limits.ts';
import { Name, ProtocolVersion } from './words.ts';

/**
 * `POST /v1/logs`, authorized by the VM's own bearer token: what its logs have grown by, between two
 * heartbeats. Sent no oftener than the receiver's `LogShare` says.
 */
export const LogsRequest = v.object({
  protocol: ProtocolVersion,
  bootId: Name,
  /** None, where the receiver's share has `askMs`: is there something to obey? */
  logs: v.pipe(v.array(LogPiece), v.maxLength(LIMITS.logPieces)),
});
export type LogsRequest = v.InferOutput<typeof LogsRequest>;

/** Sent only once the pieces are durable. */
export const LogsResponse = v.object({
  logs: LogShare,
  /** Those of the answer to a heartbeat would be; an older receiver says nothing. */
  directives: v.optional(v.pipe(v.array(Directive), v.maxLength(LIMITS.directives))),
});
export type LogsResponse = v.InferOutput<typeof LogsResponse>;
