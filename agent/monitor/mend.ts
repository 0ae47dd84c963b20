import { isPilotageError } from '../../platform/errors.ts';
import { mountedRepositories, mountPointOf } from '../context/cvmfs-mounts.ts';
import type { Context } from '../context/schema.ts';
import { CVMFS_CONFIG } from '../context/software.ts';
import { readMounts } from '../context/steps/cvmfs-programs.ts';
import type { AgentPorts } from '../ports.ts';
import type { Repair } from './repair.ts';

type Ports = Pick<AgentPorts, 'files' | 'exec'>;

/** What was done, in words for the log. */
type Mender = (ports: Ports, context: Context, signal: AbortSignal) => Promise<string>;

const CVMFS_TALK = '/usr/bin/cvmfs_talk';
const TOOL_MS = 60_000;

/** False where it fails, also by taking too long, which is how a dead mount answers. */
const succeeds = async (
  { exec }: Pick<Ports, 'exec'>,
  program: string,
  args: readonly string[],
  signal: AbortSignal,
): Promise<boolean> => {
  try {
    await exec.run(program, args, { timeoutMs: TOOL_MS, signal, maxOutputBytes: 4096 });
    return true;
  } catch (error) {
    if (isPilotageError(error)) return false;
    throw error;
  }
};

const mounted = async (ports: Pick<Ports, 'files'>): Promise<string[]> =>
  mountedRepositories(await readMounts(ports));

/**
 * Takes a repository that does not answer away, lazily since what hangs on it never lets go, and mounts it
 * anew: by its line in fstab, or by looking at it, which the automounter notices. One that answers is left
 * alone, with all that works with it.
 */
const remount = async (
  repository: string,
  ports: Ports,
  { mount }: NonNullable<Context['cvmfs']>,
  signal: AbortSignal,
): Promise<string> => {
  const answers = () => succeeds(ports, CVMFS_CONFIG, ['probe', repository], signal);
  if (await answers()) return `${repository} answers`;
  const target = mountPointOf(repository);
  if ((await mounted(ports)).includes(target))
    await succeeds(ports, 'umount', ['-l', target], signal);
  if (mount === 'fstab') await succeeds(ports, 'mount', [target], signal);
  return `${repository} ${(await answers()) ? 'answers again' : 'still does not answer'}`;
};

const remountCvmfs: Mender = async (ports, { cvmfs }, signal) => {
  if (cvmfs === undefined) return 'the context has no CVMFS';
  const told: string[] = [];
  for (const repository of cvmfs.repositories)
    if (!signal.aborted) told.push(await remount(repository, ports, cvmfs, signal));
  return told.join(', ');
};

/** The client of each repository that is mounted chooses among its proxies anew, as cvmfs_talk(1) has it. */
const rebalanceSquids: Mender = async (ports, { cvmfs }, signal) => {
  const there = await mounted(ports);
  const repositories = (cvmfs?.repositories ?? []).filter(name =>
    there.includes(mountPointOf(name)),
  );
  const told: string[] = [];
  for (const name of repositories) {
    if (signal.aborted) break;
    const isDone = await succeeds(ports, CVMFS_TALK, ['-i', name, 'proxy', 'rebalance'], signal);
    told.push(`${name} ${isDone ? 'chose anew' : 'does not listen'}`);
  }
  return told.length === 0 ? 'no repository is mounted' : told.join(', ');
};

/** How each repair is made; a kind without a way does not compile. */
export const MENDERS: { readonly [K in Repair['kind']]: Mender } = {
  'remount-cvmfs': remountCvmfs,
  'rebalance-squids': rebalanceSquids,
};
