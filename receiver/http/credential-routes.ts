import type { FastifyInstance, FastifyReply } from 'fastify';
import { formatDuration } from '../../platform/duration.ts';
import { CredentialName } from '../../protocol/credential.ts';
import type { PutOutcome } from '../credentials/credential-keeper.ts';
import { CredentialOrder } from '../credentials/credential-order.ts';
import { CredentialScope, scopeText } from '../credentials/credential-scope.ts';
import { createAuthorizers } from './authorize.ts';
import { findVmNamed } from './find-vm.ts';
import { parseInput } from './parse-body.ts';
import type { Room } from './ports.ts';
import { refuse } from './refuse.ts';

/** Why nothing was put, for the operator. */
const complaintAbout = (outcome: Exclude<PutOutcome, { kind: 'put' }>, nowMs: number): string => {
  switch (outcome.kind) {
    case 'no-key':
      return 'this receiver was started without --credential-key-file, so it keeps no credentials';
    case 'ended':
      return `it ended ${formatDuration(nowMs - outcome.endsMs)} ago`;
    case 'full':
      return `a receiver holds ${outcome.most} ${outcome.what} of credentials at most: remove some`;
  }
};

/** What operators do with credentials. Their contents go in here, and come out to their VMs alone. */
export const addCredentialRoutes = (app: FastifyInstance, room: Room): void => {
  const { clock, log, storage, config, credentials } = room;
  app.addHook('onRequest', createAuthorizers(storage, config.operatorToken).operator);

  /** With the id of the VM in place of what the operator called it; `undefined` once refused. */
  const meantScope = async (
    scope: CredentialScope,
    reply: FastifyReply,
  ): Promise<CredentialScope | undefined> => {
    if (scope.vm === undefined) return scope;
    const vm = await findVmNamed(storage, scope.vm, reply);
    return vm === undefined ? undefined : { ...scope, vm: vm.vmId };
  };

  app.get('/v1/credentials', async () => {
    const nowMs = clock.wallMs();
    return {
      receiverTime: new Date(nowMs).toISOString(),
      credentials: credentials.list(nowMs),
    };
  });

  app.put('/v1/credentials/:name', async (request, reply) => {
    const name = parseInput(CredentialName, (request.params as { name: string }).name);
    if (!name.ok) return refuse(reply, name.code, `name: ${name.message}`);
    const order = parseInput(CredentialOrder, request.body);
    if (!order.ok) return refuse(reply, order.code, order.message);
    const { content, by } = order.value;
    const scope = await meantScope(order.value.scope, reply);
    if (scope === undefined) return reply;
    const putBy = by === '' ? request.ip : `${by} at ${request.ip}`;
    const nowMs = clock.wallMs();
    const outcome = await credentials.put({ name: name.value, scope, content, putBy }, nowMs);
    if (outcome.kind !== 'put') {
      const code = outcome.kind === 'no-key' ? 'forbidden' : 'bad-request';
      return refuse(reply, code, complaintAbout(outcome, nowMs));
    }
    const { replaced, view } = outcome;
    const { version, endsAt } = view;
    log.info(
      { credential: view.name, scope, version, endsAt, replaced, by: putBy },
      'credential put',
    );
    return reply.code(replaced ? 200 : 201).send({ ...view, replaced });
  });

  app.delete('/v1/credentials/:name', async (request, reply) => {
    const { name } = request.params as { name: string };
    const asked = parseInput(CredentialScope, request.query);
    if (!asked.ok) return refuse(reply, asked.code, asked.message);
    const scope = await meantScope(asked.value, reply);
    if (scope === undefined) return reply;
    if (!(await credentials.remove(name, scope))) {
      const scopes = credentials.list(clock.wallMs()).filter(each => each.name === name);
      const there = scopes.slice(0, 10).map(each => scopeText(each.scope));
      const known = there.length === 0 ? '' : `; it is there for ${there.join(', ')}`;
      const message = `there is no credential "${name}" for ${scopeText(scope)}${known}`;
      return refuse(reply, 'not-found', message);
    }
    log.info({ credential: name, scope, from: request.ip }, 'credential removed');
    return { name, scope };
  });
};
