import { isPilotageError, messageOf } from '../../platform/errors.ts';
import {
  type Check,
  type CheckOutcome,
  type CheckPorts,
  failed,
  gravest,
  ok,
  skipped,
  warning,
} from './check.ts';
import { parseProxyString } from './proxies.ts';

/** What is left where no proxy serves; what `auto` finds is the client's business. */
const LEFT = { direct: 'DIRECT', auto: 'auto', proxy: '' } as const;

const TIMEOUT_MS = 10_000;
const MANIFEST_BYTES = 64 * 1024;

/** A repository's manifest begins with the hash of its root catalogue: `C` and hexadecimal digits. */
const isManifest = (body: string): boolean => /^C[0-9a-f]{40}/.test(body);

/** Fetches a manifest through one proxy, as the CVMFS client would. */
const probe = async (
  proxy: string,
  url: string,
  { http }: Pick<CheckPorts, 'http'>,
  signal: AbortSignal,
): Promise<CheckOutcome> => {
  const server = http(new URL(proxy).origin);
  try {
    const { status, body } = await server.request({
      method: 'GET',
      path: url,
      headers: { host: new URL(url).host },
      timeoutMs: TIMEOUT_MS,
      maxBytes: MANIFEST_BYTES,
      signal,
    });
    if (status === 403) return warning(`${proxy} denies us`);
    return status === 200 && isManifest(body)
      ? ok(`${proxy} serves`)
      : warning(`${proxy} answers ${status} and no manifest`);
  } catch (error) {
    if (!isPilotageError(error)) throw error;
    return warning(`${proxy} is no help: ${messageOf(error)}`);
  } finally {
    await server.close();
  }
};

/**
 * The squids that CVMFS is told to use. One that serves is enough; with none, DIRECT is the last
 * resort if the context allows it.
 */
export const squid: Check = {
  name: 'squid',
  run: async ({ context: { cvmfs, checks } }, ports, signal) => {
    if (cvmfs === undefined) return skipped('the context has no CVMFS');
    const [repository] = cvmfs.repositories;
    const elements = parseProxyString(cvmfs.proxies);
    const proxies = elements.filter(element => element.kind === 'proxy');
    if (proxies.length === 0) return skipped(`no proxy in ${cvmfs.proxies}`);
    const url = `${checks.stratumOne}/cvmfs/${repository}/.cvmfspublished`;
    const outcomes = await Promise.all(
      proxies.map(({ url: proxy }) => probe(proxy, url, ports, signal)),
    );
    const dead = outcomes.filter(({ verdict }) => verdict !== 'ok');
    if (dead.length < outcomes.length) return gravest(outcomes, '');
    const { reason } = gravest(dead, '');
    const left = elements.filter(({ kind }) => kind !== 'proxy').map(({ kind }) => LEFT[kind]);
    return left.length > 0 ? warning(`${reason}; ${left.join(' and ')} is left`) : failed(reason);
  },
};
