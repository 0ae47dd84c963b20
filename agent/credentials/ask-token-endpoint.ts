import type { Clock } from '../../platform/clock.ts';
import { credentialEndMs } from '../../platform/credential-end.ts';
import { isPilotageError, PilotageError } from '../../platform/errors.ts';
import type { Http } from '../../platform/http.ts';
import type { TokenEndpoint } from '../context/schema/credentials.ts';
import type { Obtained } from './obtainment.ts';
import type { RefreshTokenStore } from './refresh-token-store.ts';
import { tokenRequest } from './token-request.ts';
import { readTokenResponse, type TokenResponse } from './token-response.ts';

const TIMEOUT_MS = 20_000;
const MAX_BYTES = 256 * 1024;

export interface EndpointPorts {
  clock: Clock;
  http: Http;
  store: RefreshTokenStore;
}

const send = async (
  endpoint: TokenEndpoint,
  refreshToken: string | undefined,
  { http }: Pick<EndpointPorts, 'http'>,
  signal: AbortSignal,
): Promise<TokenResponse> => {
  const { url, headers, body } = tokenRequest(endpoint, refreshToken);
  const { origin, pathname } = new URL(url);
  const server = http(origin, { ca: endpoint.ca, pin: endpoint.pin });
  try {
    const reply = await server.request({
      method: 'POST',
      path: pathname,
      headers,
      body,
      timeoutMs: TIMEOUT_MS,
      maxBytes: MAX_BYTES,
      signal,
    });
    const { clientSecret, pilotSecret } = endpoint;
    const secrets = [clientSecret, pilotSecret, refreshToken].flatMap(secret => secret ?? []);
    return readTokenResponse(reply, url, secrets);
  } finally {
    await server.close();
  }
};

const wasRefused = (error: unknown): boolean =>
  isPilotageError(error) && error.code === 'http-refused' && Number(error.context.status) < 500;

/**
 * What may be exchanged, the best first: the refresh token that the server gave last, the one that the
 * context brought, nothing but who we are.
 */
const attempts = ({ grant, refreshToken }: TokenEndpoint, stored: string | undefined) => {
  const known = stored === undefined ? [] : [stored];
  switch (grant) {
    case 'client_credentials':
      return [undefined];
    case 'refresh_token':
      return [...new Set([...known, refreshToken])];
    case 'diracx-pilot':
      return [...known, undefined];
  }
};

/** The earlier of what the token and the answer say: either clock may be wrong, and both must hold. */
const endOf = ({ access_token, expires_in }: TokenResponse, nowMs: number): number | undefined => {
  const ends = [
    credentialEndMs(access_token),
    expires_in === undefined ? undefined : nowMs + expires_in * 1000,
  ].filter(end => end !== undefined);
  return ends.length === 0 ? undefined : Math.min(...ends);
};

/**
 * A fresh token. A refresh token that came with it is on the disk before the access token is used, so
 * that no crash in between leaves us with one that is worth nothing.
 */
export const askTokenEndpoint = async (
  endpoint: TokenEndpoint,
  ports: EndpointPorts,
  signal: AbortSignal,
): Promise<Obtained> => {
  const { clock, store } = ports;
  const candidates = attempts(endpoint, await store.read());
  for (const [index, refreshToken] of candidates.entries()) {
    try {
      const askedMs = clock.wallMs();
      const response = await send(endpoint, refreshToken, ports, signal);
      const next = response.refresh_token;
      if (next !== undefined && next !== refreshToken && endpoint.grant !== 'client_credentials')
        await store.write(next);
      const endMs = endOf(response, askedMs);
      return {
        content: endpoint.write === 'response' ? JSON.stringify(response) : response.access_token,
        ...(endMs === undefined ? {} : { endMs }),
      };
    } catch (error) {
      if (!wasRefused(error) || index === candidates.length - 1) throw error;
    }
  }
  throw new PilotageError('http-refused', `there is nothing to show to ${endpoint.url}`);
};
