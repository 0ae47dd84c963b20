import type { FastifyReply } from 'fastify';
import { REFUSALS, type Refusal, type RefusalCode } from '../../protocol/error.ts';
import { LIMITS } from '../../protocol/limits.ts';
import { PROTOCOL_VERSION } from '../../protocol/version.ts';

/** The body of a refusal; what the peer sent may be quoted in the message, so that is bounded. */
export const refusal = (code: RefusalCode, message: string): Refusal => ({
  error: {
    code,
    message: message.slice(0, LIMITS.textChars),
    ...(code === 'protocol-unsupported' ? { supported: [PROTOCOL_VERSION] } : {}),
  },
});

/** Answers with the status that belongs to the code. */
export const refuse = (reply: FastifyReply, code: RefusalCode, message: string): FastifyReply => {
  if (code === 'unauthorized') void reply.header('www-authenticate', 'Bearer');
  return reply.code(REFUSALS[code]).send(refusal(code, message));
};
