import { Agent } from 'node:http';
import { Agent as TlsAgent } from 'node:https';
import type { Duplex } from 'node:stream';
import { TLSSocket } from 'node:tls';
import { CONNECT_MS, KEEP_ALIVE_MS, type Trust } from './http.ts';
import { pinOf, wrongKey } from './public-key-pin.ts';

/** Hands out a connection only once its key has been seen, so that nothing is sent before. */
class PinnedAgent extends TlsAgent {
  readonly #pin: string;

  constructor(options: ConstructorParameters<typeof TlsAgent>[0], pin: string) {
    // A resumed TLS session shows no certificate, so where the key is asked none is resumed.
    super({ ...options, rejectUnauthorized: false, maxCachedSessions: 0 });
    this.#pin = pin;
  }

  override createConnection(
    ...[options, callback]: Parameters<TlsAgent['createConnection']>
  ): Duplex | null | undefined {
    const socket = super.createConnection(options);
    if (!(socket instanceof TLSSocket)) return socket;
    const fail = (error: Error): void => callback?.(error, socket);
    socket.setTimeout(CONNECT_MS, () => socket.destroy(new Error('the handshake takes too long')));
    socket.once('error', fail);
    socket.once('secureConnect', () => {
      socket.setTimeout(0);
      const seen = pinOf(socket);
      if (seen !== this.#pin) return socket.destroy(wrongKey(seen, this.#pin));
      socket.off('error', fail);
      return callback?.(null, socket);
    });
    return undefined;
  }
}

/** Keeps one connection to one server. @throws PilotageError `http-untrusted`: a pin, and no TLS */
export const createHttpAgent = (protocol: string, { ca, pin }: Trust): Agent => {
  const options = { keepAlive: true, maxSockets: 1, timeout: KEEP_ALIVE_MS };
  if (protocol !== 'https:') {
    if (pin !== undefined) throw wrongKey(undefined, pin);
    return new Agent(options);
  }
  if (pin !== undefined) return new PinnedAgent(options, pin);
  return new TlsAgent({ ...options, ...(ca === undefined ? {} : { ca }) });
};
