import { isPilotageError, messageOf } from '../../platform/errors.ts';
import type { HttpServer } from '../../platform/http.ts';
import type { Log } from '../../platform/log.ts';
import type { LogPiece, LogShare } from '../../protocol/heartbeat.ts';
import { LogsResponse } from '../../protocol/logs.ts';
import { PROTOCOL_VERSION } from '../../protocol/version.ts';
import { exchange } from './exchange.ts';

const TIMEOUT_MS = 15_000;

/**
 * Log pieces between two heartbeats; what the receiver allows from then on once it has them. What fails
 * here is told by the next heartbeat, which brings the same lines.
 */
export const sendLogs = async (
  { server, log }: { server: HttpServer; log: Log },
  { token, bootId, logs }: { token: string; bootId: string; logs: readonly LogPiece[] },
): Promise<LogShare | undefined> => {
  try {
    const request = { protocol: PROTOCOL_VERSION, bootId, logs };
    const sent = { path: '/v1/logs', request, token, timeoutMs: TIMEOUT_MS };
    return (await exchange(server, LogsResponse, sent)).logs;
  } catch (error) {
    if (!isPilotageError(error)) throw error;
    log.debug({ error: messageOf(error) }, 'new log lines were not taken');
    return undefined;
  }
};
