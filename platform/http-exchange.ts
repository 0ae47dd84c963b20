import { isPilotageError, messageOf, PilotageError } from './errors.ts';
import type { HttpReply, HttpRequest } from './http.ts';

/** An answer whose head has come, and whose body is still to come. */
export interface ReplyHead {
  status: number;
  headers: HttpReply['headers'];
  body: AsyncIterable<Buffer>;
}

/** Certificate trouble as Node and OpenSSL name it. */
const UNTRUSTED = /CERT|SELF_SIGNED|ALTNAME|UNABLE_TO_VERIFY|ISSUER/;

const classify = (
  error: unknown,
  origin: string,
  { timeoutMs, isOver }: { timeoutMs: number; isOver: boolean },
): PilotageError => {
  if (isPilotageError(error)) return error;
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  if (isOver || /TIMED?OUT/.test(code))
    return new PilotageError(
      'http-timeout',
      `${origin} did not answer within ${timeoutMs} ms`,
      { origin },
      error,
    );
  if (UNTRUSTED.test(code))
    return new PilotageError(
      'http-untrusted',
      `${origin} is not trusted: ${messageOf(error)}`,
      { origin, code },
      error,
    );
  return new PilotageError(
    'http-failed',
    `no answer from ${origin}: ${messageOf(error) || code}`,
    { origin, code },
    error,
  );
};

const readBody = async (body: AsyncIterable<Buffer>, maxBytes: number): Promise<Buffer> => {
  const pieces: Buffer[] = [];
  let total = 0;
  for await (const piece of body) {
    total += piece.length;
    if (total > maxBytes)
      throw new PilotageError('reply-invalid', `the answer is larger than ${maxBytes} bytes`);
    pieces.push(piece);
  }
  return Buffer.concat(pieces);
};

/**
 * One request with its deadline and its bounds, whatever client sends it.
 * @param send resolves once the answer's head is there; its signal is the end of the whole exchange
 */
export const exchangeHttp = async (
  origin: string,
  request: HttpRequest,
  closing: AbortSignal,
  send: (signal: AbortSignal) => Promise<ReplyHead>,
): Promise<HttpReply> => {
  const { timeoutMs, signal, maxBytes, encoding = 'utf8' } = request;
  // What is left of a deadline is seldom whole, and Node takes nothing else.
  const deadline = AbortSignal.timeout(Math.ceil(timeoutMs));
  const ends = [deadline, closing, ...(signal === undefined ? [] : [signal])];
  try {
    const { status, headers, body } = await send(AbortSignal.any(ends));
    return { status, headers, body: (await readBody(body, maxBytes)).toString(encoding) };
  } catch (error) {
    throw classify(error, origin, { timeoutMs, isOver: deadline.aborted });
  }
};
