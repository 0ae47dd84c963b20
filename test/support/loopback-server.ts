import { once } from 'node:events';
import { createServer, type RequestListener } from 'node:http';
import { createServer as createTlsServer, type ServerOptions } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import { onTestFinished } from 'vitest';

export interface LoopbackServer {
  origin: string;
  port: number;
  /** Connections taken so far. */
  connections(): number;
  /** Ends the connections that are open, as a server that dies does, and lets the client see it. */
  drop(): Promise<void>;
}

/** A real server on a free port of 127.0.0.1, gone when the test ends. */
export const startLoopbackServer = async (
  listener: RequestListener,
  tls?: ServerOptions,
): Promise<LoopbackServer> => {
  const server = tls === undefined ? createServer(listener) : createTlsServer(tls, listener);
  const sockets = new Set<Socket>();
  let connections = 0;
  server.on(tls === undefined ? 'connection' : 'secureConnection', (socket: Socket) => {
    connections += 1;
    sockets.add(socket);
  });
  const drop = async (): Promise<void> => {
    for (const socket of sockets) socket.destroy();
    sockets.clear();
    for (let turn = 0; turn < 5; turn += 1) await new Promise(resolve => setImmediate(resolve));
  };
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(async () => {
    const closed = once(server, 'close');
    server.close();
    server.closeAllConnections();
    await closed;
  });
  const { port } = server.address() as AddressInfo;
  const scheme = tls === undefined ? 'http' : 'https';
  return { origin: `${scheme}://127.0.0.1:${port}`, port, connections: () => connections, drop };
};
