import { isPilotageError, messageOf } from '../../platform/errors.ts';
import type { Context } from '../context/schema.ts';
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

/** `astray`: it answers, but not with a manifest, which may be the fault of the server behind it. */
export type SquidState = 'serves' | 'denies' | 'astray' | 'silent';
export type SquidOutcome = CheckOutcome & { state: SquidState };

/** Fetches a manifest through one proxy, as the CVMFS client would. */
const probe = async (
  proxy: string,
  url: string,
  { http }: Pick<CheckPorts, 'http'>,
  signal: AbortSignal,
): Promise<SquidOutcome> => {
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
    if (status === 403) return { state: 'denies', ...warning(`${proxy} denies us`) };
    return status === 200 && isManifest(body)
      ? { state: 'serves', ...ok(`${proxy} serves`) }
      : { state: 'astray', ...warning(`${proxy} answers ${status} and no manifest`) };
  } catch (error) {
    if (!isPilotageError(error)) throw error;
    return { state: 'silent', ...warning(`${proxy} is no help: ${messageOf(error)}`) };
  } finally {
    await server.close();
  }
};

/** What each squid of the context does for its first repository; none where it names none. */
export const probeSquids = async (
  { cvmfs, checks }: Pick<Context, 'cvmfs' | 'checks'>,
  ports: Pick<CheckPorts, 'http'>,
  signal: AbortSignal,
): Promise<SquidOutcome[]> => {
  if (cvmfs === undefined) return [];
  const url = `${checks.stratumOne}/cvmfs/${cvmfs.repositories[0]}/.cvmfspublished`;
  const proxies = parseProxyString(cvmfs.proxies).filter(element => element.kind === 'proxy');
  return Promise.all(proxies.map(({ url: proxy }) => probe(proxy, url, ports, signal)));
};

/**
 * The squids that CVMFS is told to use. One that serves is enough; with none, DIRECT is the last
 * resort if the context allows it.
 */
export const squid: Check = {
  name: 'squid',
  run: async ({ context }, ports, signal) => {
    const { cvmfs } = context;
    if (cvmfs === undefined) return skipped('the context has no CVMFS');
    const outcomes = await probeSquids(context, ports, signal);
    if (outcomes.length === 0) return skipped(`no proxy in ${cvmfs.proxies}`);
    const dead = outcomes.filter(({ verdict }) => verdict !== 'ok');
    if (dead.length < outcomes.length) return gravest(outcomes, '');
    const { reason } = gravest(dead, '');
    const elements = parseProxyString(cvmfs.proxies);
    const left = elements.filter(({ kind }) => kind !== 'proxy').map(({ kind }) => LEFT[kind]);
    return left.length > 0 ? warning(`${reason}; ${left.join(' and ')} is left`) : failed(reason);
  },
};
