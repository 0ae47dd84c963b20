import type * as v from 'valibot';
import { PilotageError } from '../../platform/errors.ts';
import type { HttpServer } from '../../platform/http.ts';
import { parseJson } from '../../platform/parse-json.ts';
import { Refusal } from '../../protocol/error.ts';
import { LIMITS } from '../../protocol/limits.ts';

export interface Exchange {
  path: string;
  /** What is posted; without it, the answer is just got. */
  request?: object;
  token?: string;
  timeoutMs: number;
  signal?: AbortSignal;
}

/**
 * One request to the receiver and its answer. Fails with `http-refused`, the receiver's own code in
 * `context.refusal`, with `reply-invalid`, or as the transport does.
 */
export const exchange = async <T>(
  server: HttpServer,
  schema: v.GenericSchema<unknown, T>,
  { path, request, token, timeoutMs, signal }: Exchange,
): Promise<T> => {
  const { status, body } = await server.request({
    method: request === undefined ? 'GET' : 'POST',
    path,
    headers: {
      ...(request === undefined ? {} : { 'content-type': 'application/json' }),
      ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
    },
    ...(request === undefined ? {} : { body: JSON.stringify(request) }),
    timeoutMs,
    ...(signal === undefined ? {} : { signal }),
    maxBytes: LIMITS.bodyBytes,
  });
  if (status === 200 || status === 201) {
    const answer = parseJson(schema, body);
    if (answer === undefined)
      throw new PilotageError(
        'reply-invalid',
        `the receiver's answer to ${path} does not follow the protocol`,
      );
    return answer;
  }
  const refusal = parseJson(Refusal, body)?.error;
  const said = refusal === undefined ? `status ${status}` : `${refusal.code}: ${refusal.message}`;
  throw new PilotageError('http-refused', `the receiver refused ${path}: ${said}`, {
    status,
    refusal: refusal?.code,
  });
};
