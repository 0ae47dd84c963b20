import { isPilotageError, messageOf } from '../../platform/errors.ts';
import type { CheckInput, CheckPorts } from './check.ts';

export type ReceiverAnswer =
  | { kind: 'none' }
  | { kind: 'silent'; reason: string }
  | { kind: 'answered'; url: string; date: string | undefined };

const TIMEOUT_MS = 10_000;

/** One request to the receiver that the context names: does it answer, and what time has it? */
export const askReceiver = async (
  { context: { receiver } }: CheckInput,
  { http }: Pick<CheckPorts, 'http'>,
  signal: AbortSignal,
): Promise<ReceiverAnswer> => {
  if (receiver === undefined) return { kind: 'none' };
  const server = http(new URL(receiver.url).origin, { ca: receiver.ca, pin: receiver.pin });
  try {
    const { headers } = await server.request({
      method: 'GET',
      path: '/healthz',
      timeoutMs: TIMEOUT_MS,
      maxBytes: 64 * 1024,
      signal,
    });
    const date = headers.date;
    return {
      kind: 'answered',
      url: receiver.url,
      date: typeof date === 'string' ? date : undefined,
    };
  } catch (error) {
    if (!isPilotageError(error)) throw error;
    return { kind: 'silent', reason: messageOf(error) };
  } finally {
    await server.close();
  }
};
