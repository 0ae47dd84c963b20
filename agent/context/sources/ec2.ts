import { isPilotageError, PilotageError } from '../../../platform/errors.ts';
import type { HttpReply } from '../../../platform/http.ts';
import { cloudFact, cloudFacts } from './cloud-fact.ts';
import { DETECT } from './detect.ts';
import { bytesOf, createMetadata, type Metadata, withMetadata } from './metadata.ts';
import type { CloudFacts, Source } from './source.ts';

const WHAT = "EC2's metadata service";
const ORIGINS = ['http://169.254.169.254', 'http://[fd00:ec2::254]'];
const TOKEN_PATH = '/latest/api/token';
const TOKEN_LIFE_S = 21_600;
/** Answers to the call for a token by services that know no tokens. */
const NO_TOKENS = new Set([403, 404, 405, 501]);

const tokenOf = ({ status, body }: HttpReply, allowImdsV1: boolean): string | undefined => {
  if (status === 200) {
    if (/^[\x21-\x7e]{1,1024}$/.test(body)) return body;
    throw new PilotageError('reply-invalid', `${WHAT} gives a token that is none`);
  }
  if (allowImdsV1 && NO_TOKENS.has(status)) return undefined;
  const remedy = allowImdsV1 ? '' : '; remedy: switch IMDSv2 on, or allow version 1';
  throw new PilotageError('http-refused', `${WHAT} answers ${status} to ${TOKEN_PATH}${remedy}`, {
    status,
  });
};

const explainTimeout = (error: unknown): unknown =>
  isPilotageError(error) && error.code === 'http-timeout'
    ? new PilotageError(
        'http-timeout',
        `${WHAT} gives no token: ${error.message}; remedy: in a container, raise the hop limit of the instance's metadata options to 2`,
        error.context,
        error,
      )
    : error;

/**
 * Session-oriented requests (IMDSv2): a token by PUT, then its header. A token that is refused is
 * renewed once a request. With `allowImdsV1`, a service that gives no tokens is asked without.
 */
const createSession = (metadata: Metadata, allowImdsV1: boolean) => {
  const fetchToken = async (): Promise<string | undefined> => {
    const headers = { 'x-aws-ec2-metadata-token-ttl-seconds': String(TOKEN_LIFE_S) };
    try {
      const reply = await metadata.request({ method: 'PUT', path: TOKEN_PATH, headers });
      return tokenOf(reply, allowImdsV1);
    } catch (error) {
      throw explainTimeout(error);
    }
  };
  let session: { token: string | undefined } | undefined;
  const ask = async (path: string): Promise<HttpReply> => {
    session ??= { token: await fetchToken() };
    const { token } = session;
    return metadata.request({
      path,
      headers: token === undefined ? {} : { 'x-aws-ec2-metadata-token': token },
    });
  };
  return async (path: string): Promise<Buffer | undefined> => {
    let reply = await ask(path);
    if (reply.status === 401) {
      session = undefined;
      reply = await ask(path);
    }
    return bytesOf(reply, WHAT, path);
  };
};

const lifeCycle = (told: string | undefined): CloudFacts['lifeCycle'] => {
  if (told === undefined) return undefined;
  return told === 'spot' ? 'spot' : 'normal';
};

/**
 * Amazon EC2: "Access instance metadata for an EC2 instance" of its User Guide. IPv4 first, then IPv6
 * (an instance without IPv4 reaches the latter alone).
 */
export const ec2: Source = {
  name: 'ec2',
  tells: ['instanceId', 'imageId', 'instanceType', 'zone', 'localIp', 'publicIp', 'lifeCycle'],
  detect: DETECT.ec2,
  fetch: (ports, signal) => {
    const { metadataUrl, allowImdsV1 } = ports.options;
    const origins = metadataUrl === undefined ? ORIGINS : [metadataUrl];
    return withMetadata(createMetadata(ports, WHAT, origins, signal), async metadata => {
      const get = createSession(metadata, allowImdsV1);
      const fact = async (name: string): Promise<string | undefined> =>
        cloudFact((await get(`/latest/meta-data/${name}`))?.toString('utf8'));
      const facts = cloudFacts({
        instanceId: await fact('instance-id'),
        imageId: await fact('ami-id'),
        instanceType: await fact('instance-type'),
        zone: await fact('placement/availability-zone'),
        localIp: await fact('local-ipv4'),
        publicIp: await fact('public-ipv4'),
        lifeCycle: lifeCycle(await fact('instance-life-cycle')),
      });
      const userData = await get('/latest/user-data');
      return userData === undefined ? { facts } : { facts, userData };
    });
  },
};
