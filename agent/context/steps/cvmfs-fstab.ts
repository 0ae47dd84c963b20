import { messageOf, PilotageError } from '../../../platform/errors.ts';
import {
  fstabLine,
  mountedRepositories,
  mountPointOf,
  repositoriesInFstab,
} from '../cvmfs-mounts.ts';
import { withoutMarkedLines } from '../marked-lines.ts';
import { readMounts, setUpClient, unmount } from './cvmfs-programs.ts';
import { putMarkedLines, takeMarkedLines } from './marked-lines.ts';
import type { StepPorts } from './ports.ts';

const FSTAB = '/etc/fstab';
const NAME = 'cvmfs';
const MAX_BYTES = 1024 * 1024;
const MOUNT_MS = 60_000;
const TRIES = 3;
const PAUSE_MS = 5000;

/** Mount points in fstab, without those of our lines. */
export const foreignMountPoints = async ({ files }: Pick<StepPorts, 'files'>): Promise<string[]> =>
  repositoriesInFstab(withoutMarkedLines((await files.read(FSTAB, MAX_BYTES)) ?? '', NAME));

/** A squid that comes up with the VM may need a moment. */
const mount = async (target: string, { exec, clock }: StepPorts): Promise<void> => {
  for (let attempt = 1; ; attempt += 1)
    try {
      await exec.run('mount', [target], { timeoutMs: MOUNT_MS });
      return;
    } catch (error) {
      if (attempt === TRIES)
        throw new PilotageError(
          'step-failed',
          `cannot mount ${target}: ${messageOf(error)}; remedy: see cvmfs_config chksetup`,
          { target },
          error,
        );
      await clock.sleep(PAUSE_MS);
    }
};

const makeMountPoint = async (target: string, { files }: StepPorts): Promise<void> => {
  if ((await files.facts(target)) === undefined) await files.makeDirectory(target, { mode: 0o755 });
};

/** An empty folder alone, so that a repository which is still mounted is never touched. */
const removeMountPoint = async (target: string, { files, exec }: StepPorts): Promise<void> => {
  if ((await files.facts(target)) === undefined) return;
  await exec.run('rmdir', ['--ignore-fail-on-non-empty', '--', files.locate(target)], {
    timeoutMs: MOUNT_MS,
  });
};

/** Unmounts repositories that were mounted by lines of ours, and takes their folders away. */
export const dropFstab = async (
  repositories: readonly string[],
  ports: StepPorts,
): Promise<void> => {
  const mounted = ports.system.hasKernel ? mountedRepositories(await readMounts(ports)) : [];
  const targets = repositories.map(mountPointOf);
  await unmount(
    targets.filter(target => mounted.includes(target)),
    ports,
  );
  for (const target of targets) await removeMountPoint(target, ports);
};

export const takeFstabLines = async (ports: StepPorts): Promise<void> => {
  const text = (await ports.files.read(FSTAB, MAX_BYTES)) ?? '';
  if (withoutMarkedLines(text, NAME) === text) return;
  await takeMarkedLines(FSTAB, NAME, ports);
  await ports.system.reloadUnits();
};

/** Lines of ours for every repository that no other line names, and all of them mounted. */
export const takeUpFstab = async (
  { repositories, cache }: { repositories: readonly string[]; cache: string },
  ports: StepPorts,
): Promise<void> => {
  const { system } = ports;
  if (system.hasKernel) await setUpClient(ports, 'fstab');
  for (const repository of repositories) await makeMountPoint(mountPointOf(repository), ports);
  const foreign = await foreignMountPoints(ports);
  const ours = repositories.filter(name => !foreign.includes(mountPointOf(name)));
  await putMarkedLines(
    FSTAB,
    NAME,
    ours.map(name => fstabLine(name, cache)),
    ports,
  );
  await system.reloadUnits();
  if (!system.hasKernel) return;
  const mounted = mountedRepositories(await readMounts(ports));
  for (const target of repositories.map(mountPointOf))
    if (!mounted.includes(target)) await mount(target, ports);
};
