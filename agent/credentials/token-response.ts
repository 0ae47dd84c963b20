import * as v from 'valibot';
import { PilotageError } from '../../platform/errors.ts';
import type { HttpReply } from '../../platform/http.ts';
import { parseJson } from '../../platform/parse-json.ts';

const MAX_CHARS = 65_536;
/** RFC 6749, appendix A: tokens are printable ASCII. */
const Token = v.pipe(v.string(), v.minLength(1), v.maxLength(MAX_CHARS), v.regex(/^[\x20-\x7E]+$/));

/** RFC 6749, section 5.1. Servers that write the number as a text are in use. */
const TokenResponse = v.looseObject({
  access_token: Token,
  expires_in: v.optional(
    v.union([
      v.pipe(v.number(), v.finite()),
      v.pipe(v.string(), v.regex(/^\d{1,12}$/), v.transform(Number)),
    ]),
  ),
  refresh_token: v.optional(Token),
});
export type TokenResponse = v.InferOutput<typeof TokenResponse>;

/** RFC 6749, section 5.2, and what FastAPI says instead, as DiracX does. */
const TokenError = v.object({
  error: v.optional(v.string()),
  error_description: v.optional(v.string()),
  detail: v.optional(v.string()),
});

/** What a server says of a refusal, cut short; a server that repeats our secrets is not repeated. */
const refusalOf = (body: string, secrets: readonly string[]): string => {
  const said = parseJson(TokenError, body);
  const parts = [said?.error, said?.error_description, said?.detail];
  const text = parts.filter(part => part !== undefined && part !== '').join(': ');
  const printable = secrets
    .reduce((kept, secret) => kept.replaceAll(secret, '(secret)'), text)
    .replace(/[^\x20-\x7E]/g, '?');
  return printable === '' ? '' : `: ${printable.slice(0, 200)}`;
};

/** @throws `http-refused` with the server's words, `reply-invalid` */
export const readTokenResponse = (
  { status, body }: Pick<HttpReply, 'status' | 'body'>,
  url: string,
  secrets: readonly string[],
): TokenResponse => {
  if (status !== 200 && status !== 201)
    throw new PilotageError(
      'http-refused',
      `${url} refused with status ${status}${refusalOf(body, secrets)}`,
      { status },
    );
  const response = parseJson(TokenResponse, body);
  if (response === undefined)
    throw new PilotageError('reply-invalid', `the answer of ${url} is no token response`);
  return response;
};
