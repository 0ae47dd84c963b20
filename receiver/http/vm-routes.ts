import type { FastifyInstance } from 'fastify';
import { v7 as uuidV7 } from 'uuid';
import type { CredentialResponse } from '../../protocol/credential.ts';
import { EnrolRequest, type EnrolResponse } from '../../protocol/enrol.ts';
import { HeartbeatRequest, type HeartbeatResponse } from '../../protocol/heartbeat.ts';
import { PROTOCOL_VERSION } from '../../protocol/version.ts';
import { followHeartbeat } from '../fleet/follow-heartbeat.ts';
import { logShare } from '../fleet/log-share.ts';
import { nextHeartbeatMs } from '../fleet/pace.ts';
import { type Transition, transition } from '../fleet/transition.ts';
import type { HeartbeatOutcome } from '../storage/storage.ts';
import { createAuthorizers } from './authorize.ts';
import { parseMessage } from './parse-body.ts';
import type { Room } from './ports.ts';
import { refuse } from './refuse.ts';
import { createSecretCheck, createToken, sha256 } from './secrets.ts';
import { wireWaiting } from './wire-waiting.ts';

/** What a VM says, and what follows from it for the VM in its cloud. */
const follow: Transition = (vm, arrival) =>
  followHeartbeat(vm, transition(vm, arrival), arrival.receivedMs);

const nextHookMs = ({ deletion, guard }: HeartbeatOutcome['after']): number | undefined =>
  deletion?.dueMs ?? guard?.dueMs;

/** What VMs say and ask: `POST /v1/enrol`, `POST /v1/heartbeat`, `GET /v1/credentials/:name`. */
export const addVmRoutes = (app: FastifyInstance, room: Room): void => {
  const { clock, log, storage, random, config, credentials, fleet, desk, deletions } = room;
  const mayEnrol = createSecretCheck(config.enrolmentSecret);
  const authorize = createAuthorizers(storage, config.operatorToken);
  const paced = (vmId: string, nowMs: number) => ({
    nextHeartbeatMs: nextHeartbeatMs(desk.paceMs(vmId, config.paceMs, nowMs), random()),
    receiverTime: new Date(nowMs).toISOString(),
  });
  const logChange = (vmId: string, { before, after }: HeartbeatOutcome): void => {
    const from = before.latest?.state ?? 'enrolled';
    const to = after.latest?.state ?? 'enrolled';
    if (from !== to) log.info({ vmId, from, to, reason: after.latest?.reason }, 'VM changed state');
    if (before.deletion?.state === 'ended' && after.deletion === undefined)
      log.warn({ vmId }, 'a VM speaks that was said to be deleted');
  };

  app.post('/v1/enrol', async (request, reply) => {
    const parsed = parseMessage(EnrolRequest, request.body);
    if (!parsed.ok) return refuse(reply, parsed.code, parsed.message);
    const { nonce, secret, identity, agentVersion } = parsed.value;
    if (!mayEnrol(secret)) {
      log.warn({ instanceId: identity.instanceId, from: request.ip }, 'wrong enrolment secret');
      return refuse(reply, 'unauthorized', 'the enrolment secret is wrong');
    }
    const nowMs = clock.wallMs();
    const token = createToken();
    const outcome = await storage.enrol({
      vmId: uuidV7({ msecs: nowMs }),
      nonce,
      tokenHash: sha256(token),
      identity,
      agentVersion,
      enrolledMs: nowMs,
    });
    if (outcome.kind === 'nonce-used')
      return refuse(reply, 'nonce-used', 'a VM enrolled with this nonce and has used its token');
    const { vmId } = outcome;
    log.info({ vmId, instanceId: identity.instanceId, from: request.ip }, 'VM enrolled');
    const answer: EnrolResponse = {
      protocol: PROTOCOL_VERSION,
      vmId,
      token,
      ...paced(vmId, nowMs),
    };
    return reply.send(answer);
  });

  app.post('/v1/heartbeat', { onRequest: authorize.vm }, async (request, reply) => {
    const parsed = parseMessage(HeartbeatRequest, request.body);
    if (!parsed.ok) return refuse(reply, parsed.code, parsed.message);
    const { vmId } = request;
    const arrival = { vmId, heartbeat: parsed.value, receivedMs: clock.wallMs() };
    const outcome = await storage.recordHeartbeat(arrival, follow);
    if (outcome === undefined) return refuse(reply, 'unauthorized', 'this VM is no longer known');
    logChange(vmId, outcome);
    if (nextHookMs(outcome.before) !== nextHookMs(outcome.after)) deletions.nudge();
    const nowMs = clock.wallMs();
    const directives = wireWaiting(outcome, nowMs);
    const offers = credentials.offers(outcome.after, nowMs);
    fleet.heard(vmId, nowMs);
    const logs = logShare(fleet.size(), config.paceMs);
    const answer: HeartbeatResponse = {
      ...paced(vmId, nowMs),
      directives,
      credentials: offers,
      logs,
    };
    return reply.send(answer);
  });

  app.get('/v1/credentials/:name', { onRequest: authorize.vm }, async (request, reply) => {
    const { vmId, params } = request;
    const { name } = params as { name: string };
    const vm = await storage.vm(vmId);
    const answer =
      vm === undefined ? undefined : await credentials.reveal(vm, name, clock.wallMs());
    // The same words whether there is none of this name, or only others'.
    if (answer === undefined) return refuse(reply, 'not-found', 'no such credential of this VM');
    log.info({ vmId, credential: name, version: answer.version }, 'credential given to its VM');
    return reply.send(answer satisfies CredentialResponse);
  });
};
