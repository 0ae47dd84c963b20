import { PilotageError } from '../../platform/errors.ts';
import type { TokenEndpoint } from '../context/schema/credentials.ts';

/** What is sent to a token endpoint, as its grant has it. */
export interface TokenRequest {
  url: string;
  headers: Record<string, string>;
  body: string;
}

/** RFC 6749, appendix B: each name and value as in a form of HTML. */
const form = (fields: Readonly<Record<string, string | undefined>>): string =>
  new URLSearchParams(
    Object.fromEntries(
      Object.entries(fields).flatMap(([name, value]) =>
        value === undefined ? [] : [[name, value] as const],
      ),
    ),
  ).toString();

const formEncoded = (text: string): string => form({ x: text }).slice(2);

const JSON_HEADERS = { 'content-type': 'application/json', accept: 'application/json' };

/** RFC 6749, sections 4.4.2 and 6; the client's secret as section 2.3.1 has it. */
const oauthRequest = (
  { url, grant, clientId, clientSecret, clientAuthentication, scope, audience }: TokenEndpoint,
  refreshToken: string | undefined,
): TokenRequest => {
  const isBasic = clientAuthentication === 'basic' && clientSecret !== undefined;
  const pair = `${formEncoded(clientId ?? '')}:${formEncoded(clientSecret ?? '')}`;
  return {
    url,
    headers: {
      'content-type': 'application/x-www-form-urlencoded',
      accept: 'application/json',
      ...(isBasic ? { authorization: `Basic ${Buffer.from(pair).toString('base64')}` } : {}),
    },
    body: form({
      grant_type: grant,
      refresh_token: refreshToken,
      scope,
      audience,
      ...(isBasic ? {} : { client_id: clientId, client_secret: clientSecret }),
    }),
  };
};

/**
 * DiracX as its pilots' router has it (diracx-routers, pilots/auth.py): JSON in, a token response of
 * RFC 6749 out; the stamp goes with the refresh token too.
 */
const diracxRequest = (
  { url, refreshUrl, pilotStamp, pilotSecret }: TokenEndpoint,
  refreshToken: string | undefined,
): TokenRequest =>
  refreshToken === undefined
    ? {
        url,
        headers: JSON_HEADERS,
        body: JSON.stringify({ pilot_stamp: pilotStamp, pilot_secret: pilotSecret }),
      }
    : {
        url: refreshUrl ?? new URL('refresh-token', url).href,
        headers: JSON_HEADERS,
        body: JSON.stringify({ refresh_token: refreshToken, pilot_stamp: pilotStamp }),
      };

export const tokenRequest = (
  endpoint: TokenEndpoint,
  refreshToken: string | undefined,
): TokenRequest => {
  if (endpoint.grant === 'diracx-pilot') return diracxRequest(endpoint, refreshToken);
  if (endpoint.grant === 'refresh_token' && refreshToken === undefined)
    throw new PilotageError('context-invalid', 'there is no refresh token to begin with');
  return oauthRequest(endpoint, refreshToken);
};
