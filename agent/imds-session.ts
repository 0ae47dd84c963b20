import { isPilotageError, PilotageError } from '../platform/errors.ts';
import type { HttpReply } from '../platform/http.ts';

/** One request to EC2's metadata service, however it is sent. */
export type AskImds = (request: {
  method?: 'GET' | 'PUT';
  path: string;
  headers?: Readonly<Record<string, string>>;
}) => Promise<HttpReply>;

export const IMDS = {
  what: "EC2's metadata service",
  /** IPv4 first; an instance without it reaches the other alone. */
  origins: ['http://169.254.169.254', 'http://[fd00:ec2::254]'],
} as const;

const TOKEN_PATH = '/latest/api/token';
const TOKEN_LIFE_S = 21_600;
/** Answers to the call for a token by services that know no tokens. */
const NO_TOKENS = new Set([403, 404, 405, 501]);

const tokenOf = ({ status, body }: HttpReply, allowImdsV1: boolean): string | undefined => {
  if (status === 200) {
    if (/^[\x21-\x7e]{1,1024}$/.test(body)) return body;
    throw new PilotageError('reply-invalid', `${IMDS.what} gives a token that is none`);
  }
  if (allowImdsV1 && NO_TOKENS.has(status)) return undefined;
  const remedy = allowImdsV1 ? '' : '; remedy: switch IMDSv2 on, or allow version 1';
  throw new PilotageError(
    'http-refused',
    `${IMDS.what} answers ${status} to ${TOKEN_PATH}${remedy}`,
    { status },
  );
};

const explainTimeout = (error: unknown): unknown =>
  isPilotageError(error) && error.code === 'http-timeout'
    ? new PilotageError(
        'http-timeout',
        `${IMDS.what} gives no token: ${error.message}; remedy: in a container, raise the hop limit of the instance's metadata options to 2`,
        error.context,
        error,
      )
    : error;

/**
 * Session-oriented requests (IMDSv2, "Use the Instance Metadata Service" of EC2's User Guide): a token by
 * PUT, then its header. The token is kept; one that is refused is renewed once a request. With
 * `allowImdsV1`, a service that gives no tokens is asked without.
 */
export const createImdsSession = (
  ask: AskImds,
  allowImdsV1: boolean,
): ((path: string) => Promise<HttpReply>) => {
  const fetchToken = async (): Promise<string | undefined> => {
    const headers = { 'x-aws-ec2-metadata-token-ttl-seconds': String(TOKEN_LIFE_S) };
    try {
      return tokenOf(await ask({ method: 'PUT', path: TOKEN_PATH, headers }), allowImdsV1);
    } catch (error) {
      throw explainTimeout(error);
    }
  };
  let session: { token: string | undefined } | undefined;
  const get = async (path: string): Promise<HttpReply> => {
    session ??= { token: await fetchToken() };
    const { token } = session;
    return ask({ path, headers: token === undefined ? {} : { 'x-aws-ec2-metadata-token': token } });
  };
  return async path => {
    const reply = await get(path);
    if (reply.status !== 401) return reply;
    session = undefined;
    return get(path);
  };
};
