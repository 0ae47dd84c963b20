import * as v from 'valibot';
import { Name, ProtocolVersion, Text } from './words.ts';

/**
 * Every refusal, with its HTTP status. Programs branch on the code; the message is for people.
 * A 5xx or no answer at all means try again later; a 4xx means that the same request stays refused.
 */
export const REFUSALS = {
  'bad-request': 400,
  unauthorized: 401,
  forbidden: 403,
  'not-found': 404,
  'request-timeout': 408,
  'nonce-used': 409,
  'too-large': 413,
  'unsupported-media': 415,
  'protocol-unsupported': 426,
  overloaded: 503,
  internal: 500,
} as const;
export type RefusalCode = keyof typeof REFUSALS;

export const Refusal = v.object({
  error: v.object({
    code: Name,
    message: Text,
    /** With `protocol-unsupported`: the versions that this receiver speaks. */
    supported: v.optional(v.array(ProtocolVersion)),
  }),
});
export type Refusal = v.InferOutput<typeof Refusal>;
