import { BlockList } from 'node:net';
import { fastify } from 'fastify';
import { messageOf, PilotageError } from '../../platform/errors.ts';
import { createExec } from '../../platform/exec.ts';
import { LIMITS } from '../../protocol/limits.ts';
import { type CredentialKeeper, loadCredentialKeeper } from '../credentials/credential-keeper.ts';
import { createSealer } from '../credentials/seal.ts';
import { startDeletionKeeper } from '../deletions/deletion-keeper.ts';
import { createFleetGauge } from '../fleet/log-share.ts';
import { createPeekDesk } from '../peeks/peek-desk.ts';
import { readPageAssets } from '../web/page-assets.ts';
import { addCredentialRoutes } from './credential-routes.ts';
import { addDeletionRoutes } from './deletion-routes.ts';
import { addErrorHandling, createErrorHandler } from './handle-error.ts';
import { addHealthRoutes } from './health-routes.ts';
import { addLogRoutes } from './log-routes.ts';
import { addOperatorRoutes } from './operator-routes.ts';
import { addPageRoutes } from './page-routes.ts';
import { addPeekRoutes, addVmPeekRoutes } from './peek-routes.ts';
import type { ReceiverConfig, ReceiverPorts, Room } from './ports.ts';
import { addVmLogRoutes } from './vm-log-routes.ts';
import { addVmRoutes } from './vm-routes.ts';

export interface Receiver {
  /** Where it really listens, e.g. `https://127.0.0.1:8443`. */
  address: string;
  /** Takes no more requests, answers those that have begun, closes the storage. */
  stop(): Promise<void>;
}

/** Longer than the agents keep an idle connection, so that it is they who close it. */
const KEEP_ALIVE_MS = 100_000;
const HEADERS_MS = 10_000;
const REQUEST_MS = 30_000;
/** Heartbeats of a VM in which it is counted into the fleet at least once. */
const GAUGED_PACES = 3;
/** After this, connections with unfinished requests are cut. */
const STOP_MS = 10_000;

const loopback = new BlockList();
loopback.addSubnet('127.0.0.0', 8, 'ipv4');
loopback.addAddress('::1', 'ipv6');
export const isLoopback = (host: string): boolean =>
  host === 'localhost' || loopback.check(host, host.includes(':') ? 'ipv6' : 'ipv4');

const createServer = (room: Room) => {
  const { log, config } = room;
  const app = fastify({
    https: config.tls === undefined ? null : { ...config.tls, minVersion: 'TLSv1.2' as const },
    bodyLimit: LIMITS.bodyBytes,
    requestTimeout: REQUEST_MS,
    connectionTimeout: KEEP_ALIVE_MS + REQUEST_MS,
    keepAliveTimeout: KEEP_ALIVE_MS,
    routerOptions: { maxParamLength: LIMITS.nameChars * 12 },
    frameworkErrors: createErrorHandler(log),
    logger: false,
  });
  app.server.headersTimeout = HEADERS_MS;
  app.removeContentTypeParser('text/plain');
  app.decorateRequest('vmId', '');
  app.addHook('onSend', async (_request, reply) => {
    if (!reply.hasHeader('cache-control')) void reply.header('cache-control', 'no-store');
    void reply.header('x-content-type-options', 'nosniff').header('referrer-policy', 'no-referrer');
  });
  app.addHook('onResponse', async (request, reply) => {
    const { method, routeOptions } = request;
    const ms = Math.round(reply.elapsedTime);
    log.debug({ method, route: routeOptions.url, status: reply.statusCode, ms }, 'request');
  });
  addErrorHandling(app, log);
  addVmRoutes(app, room);
  addVmLogRoutes(app, room);
  addVmPeekRoutes(app, room);
  addHealthRoutes(app, room);
  addPageRoutes(app, readPageAssets());
  app.register(async scope => addOperatorRoutes(scope, room));
  app.register(async scope => addLogRoutes(scope, room));
  app.register(async scope => addCredentialRoutes(scope, room));
  app.register(async scope => addPeekRoutes(scope, room));
  app.register(async scope => addDeletionRoutes(scope, room));
  return app;
};

type Server = ReturnType<typeof createServer>;

const refusePlainHttp = ({ listen, tls, allowPlainHttp }: ReceiverConfig): void => {
  if (tls !== undefined || allowPlainHttp === true || isLoopback(listen.host)) return;
  throw new PilotageError(
    'usage',
    `plain HTTP on ${listen.host} would show tokens to the network: give --tls-cert and --tls-key, ` +
      'or say --allow-plain-http where a proxy or a private network protects it',
  );
};

const listen = async (room: Room): Promise<{ app: Server; port: number }> => {
  const { host, port } = room.config.listen;
  const app = createServer(room);
  try {
    await app.listen({ host, port });
  } catch (error) {
    await app.close();
    const message = `cannot listen at ${host}:${port}: ${messageOf(error)}`;
    throw new PilotageError('listen-failed', message, { host, port }, error);
  }
  const bound = app.server.address();
  return { app, port: bound !== null && typeof bound === 'object' ? bound.port : port };
};

/** A receiver whose key is missing does all else, since VMs have to be drained and halted still. */
const openCredentials = async (
  { clock, log, storage }: ReceiverPorts,
  { credentialKey }: ReceiverConfig,
): Promise<CredentialKeeper> => {
  const sealer = credentialKey === undefined ? undefined : createSealer(credentialKey);
  const keeper = await loadCredentialKeeper(storage, sealer);
  const shut = keeper.list(clock.wallMs()).filter(({ state }) => state === 'no-key');
  if (shut.length > 0) {
    const remedy =
      'start with the --credential-key-file that they were put under, or put them anew';
    log.error(
      { credentials: [...new Set(shut.map(({ name }) => name))], remedy },
      `${shut.length} credentials cannot be opened, and are given to no VM`,
    );
  }
  return keeper;
};

/**
 * A receiver that listens. The storage is its own from now on, and is closed also if this fails:
 * with `usage` where tokens would cross a network in the clear, and with `listen-failed`.
 */
export const createReceiver = async (
  ports: ReceiverPorts,
  config: ReceiverConfig,
): Promise<Receiver> => {
  try {
    refusePlainHttp(config);
    const credentials = await openCredentials(ports, config);
    const fleet = createFleetGauge(GAUGED_PACES * config.paceMs);
    const filled = { random: Math.random, exec: createExec(), ...ports };
    const { stallAfterMs } = config;
    const deletions = startDeletionKeeper(filled, { ...config.deletions, stallAfterMs });
    const desk = createPeekDesk();
    const room = { ...filled, config, credentials, fleet, desk, deletions };
    const { app, port } = await listen(room).catch(async (error: unknown) => {
      await deletions.stop();
      throw error;
    });
    const { host } = config.listen;
    const scheme = config.tls === undefined ? 'http' : 'https';
    return {
      address: `${scheme}://${host.includes(':') ? `[${host}]` : host}:${port}`,
      stop: async () => {
        const cut = setTimeout(() => app.server.closeAllConnections(), STOP_MS);
        await app.close();
        clearTimeout(cut);
        await deletions.stop();
        await ports.storage.close();
      },
    };
  } catch (error) {
    await ports.storage.close();
    throw error;
  }
};
