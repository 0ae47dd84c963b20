import { messageOf } from '../../platform/errors.ts';
import { type Check, type CheckPorts, failed, gravest, ok, skipped } from './check.ts';

/** A dead repository hangs whoever looks at it, so a child looks, and is killed in time. */
const PROBE_MS = 60_000;
const MAX_BYTES = 4096;
const PROBE = '/usr/bin/cvmfs_config';

type Ports = Pick<CheckPorts, 'files' | 'exec'>;

/**
 * The client's own probe tells a mounted repository from a mere folder, as a mount point of fstab is. It
 * is run only on the machine itself: where a folder stands for the VM, the folder is listed.
 */
const hasProbe = async ({ files }: Ports): Promise<boolean> =>
  files.locate(PROBE) === PROBE && (await files.facts(PROBE)) !== undefined;

/** What a look at the repository says; an empty one is a mount point on which nothing is mounted. */
const look = async (repository: string, { files, exec }: Ports, signal: AbortSignal) => {
  const path = files.locate(`/cvmfs/${repository}`);
  const options = { timeoutMs: PROBE_MS, signal, maxOutputBytes: MAX_BYTES };
  try {
    const { stdout } = await exec.run('ls', ['--', `${path}/`], options);
    return stdout.trim() === '' ? `nothing is mounted on ${path}` : undefined;
  } catch (error) {
    return messageOf(error);
  }
};

/** `undefined` if the client says that it is mounted; the probe itself tells no cause, so a look does. */
const probe = async (repository: string, ports: Ports, signal: AbortSignal) => {
  const options = {
    timeoutMs: PROBE_MS,
    signal,
    maxOutputBytes: MAX_BYTES,
    allowedExitCodes: [0, 1],
  };
  try {
    const { exitCode, stdout } = await ports.exec.run(PROBE, ['probe', repository], options);
    if (exitCode === 0) return undefined;
    const why = await look(repository, ports, signal);
    return `cvmfs_config probe says ${stdout.trim()}${why === undefined ? '' : `: ${why}`}`;
  } catch (error) {
    return messageOf(error);
  }
};

/** Every repository of the context can be entered. */
export const cvmfs: Check = {
  name: 'cvmfs',
  run: async ({ context }, ports, signal) => {
    if (context.cvmfs === undefined) return skipped('the context has no CVMFS');
    if ((await ports.files.facts('/cvmfs')) === undefined)
      return failed('there is no /cvmfs; remedy: install the CVMFS client into the image');
    const examine = (await hasProbe(ports)) ? probe : look;
    const probes = context.cvmfs.repositories.map(async repository => {
      const why = await examine(repository, ports, signal);
      return why === undefined ? ok(`${repository} is mounted`) : failed(`${repository}: ${why}`);
    });
    return gravest(await Promise.all(probes), '');
  },
};
