import { PilotageError } from '../../../platform/errors.ts';
import type { Ownership } from '../../../platform/files.ts';
import { setUpClient } from './cvmfs-programs.ts';
import type { Executor } from './executor.ts';
import type { StepPorts } from './ports.ts';
import { setSelinuxType } from './selinux-type.ts';

/** CVMFS_USER of the packaged configuration, which forbids to change it. */
const USER = 'cvmfs';
const MODE = 0o700;

/** The package makes its user; where it has not, the client's own setup does. */
const ownerOfCache = async (ports: StepPorts): Promise<Ownership> => {
  const owner = await ports.users.find(USER);
  if (owner !== undefined) return owner;
  await setUpClient(ports, 'fstab');
  const made = await ports.users.find(USER);
  if (made === undefined)
    throw new PilotageError(
      'step-failed',
      `there is no user ${USER} even after cvmfs_config setup; remedy: reinstall the CVMFS client`,
    );
  return made;
};

/** What somebody else keeps there must not change its owner. */
const needOwnFolder = async (path: string, owner: Ownership, { files }: StepPorts) => {
  const facts = await files.facts(path);
  if (facts === undefined || facts.uid === owner.uid) return;
  const others = (await files.list(path)).filter(name => name !== 'lost+found');
  if (facts.kind === 'directory' && others.length === 0) return;
  throw new PilotageError(
    'step-failed',
    `${path} holds ${others[0] ?? 'something else'}, which is not of the CVMFS client; remedy: give cvmfs.cache a folder of its own`,
    { path },
  );
};

/**
 * The folder of the cache, closed to all but the client. It stays when the context names another: only
 * the client knows what in it is still in use.
 */
export const cvmfsCache: Executor<'cvmfs-cache'> = {
  apply: async ({ path }, ports) => {
    const { files, system } = ports;
    if (!system.hasKernel) {
      await files.makeDirectory(path, { mode: MODE });
      return;
    }
    const owner = await ownerOfCache(ports);
    await needOwnFolder(path, owner, ports);
    await files.makeDirectory(path, { mode: MODE, owner });
    await setSelinuxType(path, 'cvmfs_cache_t', ports);
  },
  holds: async ({ path }, { files }) => (await files.facts(path)) !== undefined,
};
