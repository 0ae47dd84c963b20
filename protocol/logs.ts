import * as v from 'valibot';
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
  logs: v.pipe(v.array(LogPiece), v.minLength(1), v.maxLength(LIMITS.logPieces)),
});
export type LogsRequest = v.InferOutput<typeof LogsRequest>;

/** Sent only once the pieces are durable. */
export const LogsResponse = v.object({ logs: LogShare });
export type LogsResponse = v.InferOutput<typeof LogsResponse>;
