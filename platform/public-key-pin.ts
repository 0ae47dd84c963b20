import { createHash } from 'node:crypto';
import type { TLSSocket } from 'node:tls';
import { PilotageError } from './errors.ts';

/** `sha256//<base64>` of the key that a server showed (RFC 7469); a resumed session shows none. */
export const pinOf = (socket: TLSSocket): string | undefined => {
  const key = socket.getPeerX509Certificate()?.publicKey.export({ type: 'spki', format: 'der' });
  return key === undefined
    ? undefined
    : `sha256//${createHash('sha256').update(key).digest('base64')}`;
};

export const wrongKey = (seen: string | undefined, pin: string): PilotageError =>
  new PilotageError('http-untrusted', `the server's key is ${seen ?? 'none'}, the pin says ${pin}`);
