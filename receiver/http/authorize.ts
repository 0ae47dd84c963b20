import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Storage } from '../storage/storage.ts';
import { refuse } from './refuse.ts';
import { bearerToken, createSecretCheck, sha256 } from './secrets.ts';

declare module 'fastify' {
  interface FastifyRequest {
    /** The VM that the token belongs to, on the routes of VMs. */
    vmId: string;
  }
}

type Hook = (request: FastifyRequest, reply: FastifyReply) => Promise<FastifyReply | undefined>;

/** Hooks that run before a body is read. A VM's token opens nothing of an operator's, nor the reverse. */
export const createAuthorizers = (
  storage: Storage,
  operatorToken: string,
): { vm: Hook; operator: Hook } => {
  const isOperator = createSecretCheck(operatorToken);
  const tokenOf = (request: FastifyRequest): string | undefined =>
    bearerToken(request.headers.authorization);
  return {
    vm: async (request, reply) => {
      const token = tokenOf(request);
      if (token === undefined)
        return refuse(reply, 'unauthorized', 'this needs the bearer token of a VM');
      const vmId = await storage.vmIdOfToken(sha256(token));
      if (vmId !== undefined) {
        request.vmId = vmId;
        return undefined;
      }
      if (isOperator(token))
        return refuse(reply, 'forbidden', 'this token is an operator’s, not a VM’s');
      return refuse(reply, 'unauthorized', 'no VM has this token: enrol again');
    },
    operator: async (request, reply) => {
      const token = tokenOf(request);
      if (token === undefined)
        return refuse(reply, 'unauthorized', 'this needs the operator’s bearer token');
      if (isOperator(token)) return undefined;
      if ((await storage.vmIdOfToken(sha256(token))) !== undefined)
        return refuse(reply, 'forbidden', 'this token is a VM’s, not an operator’s');
      return refuse(reply, 'unauthorized', 'this is not the operator’s token');
    },
  };
};
