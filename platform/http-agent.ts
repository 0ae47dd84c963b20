import { createHash } from 'node:crypto';
import { Agent } from 'node:http';
import { Agent as TlsAgent } from 'node:https';
import type { Duplex } from 'node:stream';
import { TLSSocket } from 'node:tls';
import { PilotageError } from './errors.ts';

/** How a server proves itself: by the system's authorities, by a given one, or by its key. */
export interface Trust {
  /** PEM certificates that replace the system's. */
  ca?: string | undefined;
  /** `sha256//<base64>` of the key's SubjectPublicKeyInfo (RFC 7469); the chain is then not asked. */
  pin?: string | undefined;
}

const KEEP_ALIVE_MS = 90_000;
const CONNECT_MS = 10_000;

const pinOf = (socket: TLSSocket): string | undefined => {
  const key = socket.getPeerX509Certificate()?.publicKey.export({ type: 'spki', format: 'der' });
  return key === undefined
    ? undefined
    : `sha256//${createHash('sha256').update(key).digest('base64')}`;
};

const wrongKey = (seen: string | undefined, pin: string): PilotageError =>
  new PilotageError('http-untrusted', `the server's key is ${seen ?? 'none'}, the pin says ${pin}`);

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
