import { messageOf, PilotageError } from '../../../platform/errors.ts';
import { mountedRepositories } from '../cvmfs-mounts.ts';
import { CVMFS_CONFIG } from '../software.ts';
import type { StepPorts } from './ports.ts';

const PROC_MOUNTS = '/proc/mounts';
const MAX_BYTES = 4 * 1024 * 1024;
const SETUP_MS = 120_000;
const RELOAD_MS = 180_000;
const UNMOUNT_MS = 60_000;

type FilePorts = Pick<StepPorts, 'files'>;
type RunPorts = Pick<StepPorts, 'files' | 'exec'>;

export const readMounts = async ({ files }: FilePorts): Promise<string> =>
  (await files.read(PROC_MOUNTS, MAX_BYTES)) ?? '';

/** Whether there is a client; a folder that stands for a machine never runs one. */
export const hasClient = async ({ files }: FilePorts): Promise<boolean> =>
  (await files.facts(CVMFS_CONFIG)) !== undefined;

/** `cvmfs_config setup`: the client's user, /cvmfs, and the automounter unless told otherwise. */
export const setUpClient = async (
  { exec }: Pick<StepPorts, 'exec'>,
  how: 'autofs' | 'fstab',
): Promise<void> => {
  const args = how === 'autofs' ? ['setup'] : ['setup', 'noautofs'];
  await exec.run(CVMFS_CONFIG, args, { timeoutMs: SETUP_MS });
};

/** Clients at work read their files anew; where nothing is mounted, the next mount does. */
export const reloadClient = async (ports: RunPorts): Promise<void> => {
  if (mountedRepositories(await readMounts(ports)).length === 0) return;
  if (!(await hasClient(ports))) return;
  await ports.exec.run(CVMFS_CONFIG, ['reload'], { timeoutMs: RELOAD_MS });
};

/** Never by force and never lazily: what still works with a repository would be torn from it. */
export const unmount = async (
  targets: readonly string[],
  { exec }: Pick<StepPorts, 'exec'>,
): Promise<void> => {
  for (const target of targets)
    try {
      await exec.run('umount', [target], { timeoutMs: UNMOUNT_MS });
    } catch (error) {
      throw new PilotageError(
        'step-failed',
        `cannot unmount ${target}: ${messageOf(error)}; remedy: end what uses it (fuser -vm ${target})`,
        { target },
        error,
      );
    }
};
