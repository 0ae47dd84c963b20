import type { FastifyReply, FastifyRequest } from 'fastify';
import { LIMITS } from '../../protocol/limits.ts';
import { MAX_CANDIDATES, resolveVm } from '../fleet/resolve-vm.ts';
import type { VmRecord } from '../fleet/vm-record.ts';
import type { Storage } from '../storage/storage.ts';
import { refuse } from './refuse.ts';

/** The VM that a person means by a name or its beginning; `undefined` once the refusal is sent. */
export const findVmNamed = async (
  storage: Storage,
  key: string,
  reply: FastifyReply,
): Promise<VmRecord | undefined> => {
  const wanted = key.length > LIMITS.nameChars ? '' : key;
  const candidates = wanted === '' ? [] : await storage.findVms(wanted, MAX_CANDIDATES + 1);
  const resolved = resolveVm(wanted, candidates);
  if (resolved.kind === 'found') return resolved.vm;
  if (resolved.kind === 'none') {
    refuse(
      reply,
      'not-found',
      `no VM has an id, instance id or hostname that begins with "${key}"`,
    );
    return undefined;
  }
  const listed = resolved.candidates
    .map(({ vmId, identity }) => `${vmId} (${identity.instanceId}, ${identity.hostname})`)
    .join(', ');
  const more = candidates.length > MAX_CANDIDATES ? ', …' : '';
  refuse(reply, 'bad-request', `"${key}" may mean several VMs: ${listed}${more}`);
  return undefined;
};

/** The same for `:vm` of the path. */
export const findVm = (
  storage: Storage,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<VmRecord | undefined> => {
  const { vm: key = '' } = request.params as { vm?: string };
  return findVmNamed(storage, key, reply);
};
