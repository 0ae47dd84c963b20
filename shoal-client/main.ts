import { exitCodeOf, isPilotageError, messageOf, PilotageError } from '../platform/errors.ts';
import type { Http } from '../platform/http.ts';
import { askNearest } from './ask.ts';
import type { Candidate } from './candidate.ts';
import { type Options, parseOptions } from './options.ts';
import { proxyString, proxyUrl } from './proxy-string.ts';
import { rankCandidates } from './rank.ts';

export interface ShoalClientPorts {
  http: Http;
  /** Called with whole lines, their newline included. */
  stdout(text: string): void;
  stderr(text: string): void;
  version: string;
  /** Ends the search early, as a failure like others. */
  signal?: AbortSignal;
}

const discover = async (
  { http, stderr, signal }: ShoalClientPorts,
  { server, count, timeoutMs, defaultProxies }: Options,
): Promise<Candidate[]> => {
  try {
    const { candidates, ignored } = await askNearest(http, server, count, timeoutMs, signal);
    if (ignored > 0)
      stderr(`shoal-client: squids left out, since they make no sense: ${ignored}\n`);
    const squids = rankCandidates(candidates).slice(0, count);
    if (squids.length > 0) return squids;
    throw new PilotageError('no-squid', `the Shoal server ${server.origin} knows no usable squid`);
  } catch (error) {
    if (defaultProxies === undefined || !isPilotageError(error)) throw error;
    stderr(`shoal-client: ${messageOf(error)}; only the default is left\n`);
    return [];
  }
};

/**
 * The stand-alone program: asks a Shoal server and prints the nearest squids as a CVMFS proxy string
 * or, with `--json`, one object with the candidates.
 * @param argv what follows the program's name
 * @returns the exit code: 0 if proxies were printed, 1 if there is no squid and no default, 64 for a
 * command line that cannot be understood
 */
export const runShoalClient = async (
  argv: readonly string[],
  ports: ShoalClientPorts,
): Promise<number> => {
  try {
    const command = await parseOptions(argv, ports.version);
    if (command.kind === 'print') {
      ports.stdout(`${command.text}\n`);
      return 0;
    }
    const { options } = command;
    const squids = await discover(ports, options);
    const proxy = proxyString(squids, options.defaultProxies);
    const candidates = squids.map(squid => ({ url: proxyUrl(squid), ...squid }));
    ports.stdout(`${options.json ? JSON.stringify({ proxy, candidates }) : proxy}\n`);
    return 0;
  } catch (error) {
    if (!isPilotageError(error)) throw error;
    ports.stderr(`shoal-client: ${messageOf(error)}\n`);
    return exitCodeOf(error);
  }
};
