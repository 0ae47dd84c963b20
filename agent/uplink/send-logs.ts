import { isPilotageError, messageOf } from '../../platform/errors.ts';
import type { HttpServer } from '../../platform/http.ts';
import type { Log } from '../../platform/log.ts';
import type { LogPiece } from '../../protocol/heartbeat.ts';
import { LogsResponse } from '../../protocol/logs.ts';
import { PROTOCOL_VERSION } from '../../protocol/version.ts';
import { type WholeLogChunk, WholeLogResponse } from '../../protocol/whole-log.ts';
import { exchange } from './exchange.ts';

const TIMEOUT_MS = 15_000;

interface Sender {
  server: HttpServer;
  log: Log;
  token: string;
  bootId: string;
}

/**
 * Log pieces between two heartbeats; the receiver's answer once it has them. What fails
 * here is told by the next heartbeat, which brings the same lines.
 */
export const sendLogs = async (
  { server, log, token, bootId }: Sender,
  logs: readonly LogPiece[],
): Promise<LogsResponse | undefined> => {
  try {
    const request = { protocol: PROTOCOL_VERSION, bootId, logs };
    const sent = { path: '/v1/logs', request, token, timeoutMs: TIMEOUT_MS };
    return await exchange(server, LogsResponse, sent);
  } catch (error) {
    if (!isPilotageError(error)) throw error;
    log.debug({ error: messageOf(error) }, 'new log lines were not taken');
    return undefined;
  }
};

/** Refusals that the same request meets again; of any other it may pass later. */
const FINAL = new Set([400, 404, 413]);

/** One step in sending a log whole; fails with `http-refused` where the receiver will never take it. */
export const sendWholeLog = async (
  { server, log, token, bootId }: Sender,
  chunk: WholeLogChunk,
  signal: AbortSignal,
): Promise<WholeLogResponse | undefined> => {
  try {
    const request = { protocol: PROTOCOL_VERSION, bootId, ...chunk };
    const sent = { path: '/v1/logs/whole', request, token, timeoutMs: TIMEOUT_MS, signal };
    return await exchange(server, WholeLogResponse, sent);
  } catch (error) {
    if (!isPilotageError(error)) throw error;
    if (error.code === 'http-refused' && FINAL.has(Number(error.context.status))) throw error;
    log.debug({ error: messageOf(error) }, 'a part of a log was not taken');
    return undefined;
  }
};
