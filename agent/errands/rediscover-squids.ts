import { isPilotageError } from '../../platform/errors.ts';
import { type Exec, SYSTEM_ENV } from '../../platform/exec.ts';
import type { Files } from '../../platform/files.ts';
import { mountedRepositories } from '../context/cvmfs-mounts.ts';
import type { Context } from '../context/schema.ts';
import { hasClient, readMounts, reloadClient } from '../context/steps/cvmfs-programs.ts';
import type { OrderEnd } from '../monitor/orders/obeyed.ts';
import type { AgentPorts } from '../ports.ts';

export interface RediscoverPorts {
  files: Files;
  exec: Exec;
  kind: AgentPorts['kind'];
}

const TALK_MS = 20_000;
const MOST_ASKED = 8;

const refused = (detail: string): OrderEnd => ({ outcome: 'refused', detail });

/** The proxy that a client uses now, by its own word: `cvmfs_talk proxy info`. */
const activeProxy = async (
  { exec }: Pick<RediscoverPorts, 'exec'>,
  repository: string,
  signal: AbortSignal,
): Promise<string> => {
  try {
    const args = ['-i', repository, 'proxy', 'info'];
    const options = { timeoutMs: TALK_MS, env: SYSTEM_ENV, signal };
    const { stdout } = await exec.run('cvmfs_talk', args, options);
    return /^Active proxy: \[\d+\] ([!-~]{1,200})$/m.exec(stdout)?.[1] ?? 'none';
  } catch (error) {
    if (isPilotageError(error)) return 'unknown';
    throw error;
  }
};

/**
 * Has the CVMFS clients ask web proxy discovery anew, where the context has them do so (`auto`): they do
 * when their configuration is loaded, which files that are open survive. Proxies that the context names
 * are all that there are.
 */
export const rediscoverSquids = async (
  ports: RediscoverPorts,
  { cvmfs }: Pick<Context, 'cvmfs'>,
  signal: AbortSignal,
): Promise<OrderEnd> => {
  if (cvmfs === undefined) return refused('the context has no CVMFS');
  if (!cvmfs.proxies.split(';').includes('auto'))
    return refused(
      `nothing is discovered here: the context names its squids, ${cvmfs.proxies}; remedy: auto in cvmfs.proxies`,
    );
  if (ports.kind === 'folder' || !(await hasClient(ports)))
    return refused('no CVMFS client is here');
  const mounted = mountedRepositories(await readMounts(ports));
  if (mounted.length === 0)
    return { outcome: 'done', detail: 'nothing is mounted; the next mount asks anew' };
  await reloadClient(ports);
  const told: string[] = [];
  for (const point of mounted.slice(0, MOST_ASKED)) {
    const repository = point.slice(point.lastIndexOf('/') + 1);
    told.push(`${repository} by ${await activeProxy(ports, repository, signal)}`);
  }
  return { outcome: 'done', detail: `asked anew: ${told.join(', ')}` };
};
