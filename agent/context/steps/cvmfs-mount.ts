import { PilotageError } from '../../../platform/errors.ts';
import { isAutomounted, mountedRepositories, mountPointOf } from '../cvmfs-mounts.ts';
import type { StepOf } from '../step.ts';
import { dropAutomounter, restoreAutomounter, takeUpAutomounter } from './cvmfs-automounter.ts';
import { dropFstab, foreignMountPoints, takeFstabLines, takeUpFstab } from './cvmfs-fstab.ts';
import { readMounts, unmount } from './cvmfs-programs.ts';
import type { Executor } from './executor.ts';
import type { StepPorts } from './ports.ts';

/** The automounter lays itself over what fstab mounts there, and hides it. */
const needNoFstab = async (ports: StepPorts): Promise<void> => {
  const [first] = await foreignMountPoints(ports);
  if (first !== undefined)
    throw new PilotageError(
      'step-failed',
      `/etc/fstab mounts ${first} as well, by a line that is not ours; remedy: take it out of the image, or say cvmfs.mount: fstab`,
    );
};

/** How long a boot may take to bring them back by itself: autofs and fstab come up beside the agent. */
const BOOT_MS = 20_000;
const POLL_MS = 500;

const isThere = (step: StepOf<'cvmfs-mount'>, mounts: string): boolean => {
  if (step.how === 'autofs') return isAutomounted(mounts);
  const mounted = mountedRepositories(mounts);
  return step.repositories.every(name => mounted.includes(mountPointOf(name)));
};

/** Repositories appear below /cvmfs by the automounter or by fstab, never both. */
export const cvmfsMount: Executor<'cvmfs-mount'> = {
  apply: async (step, ports, previous) => {
    const { system } = ports;
    const kept = step.how === 'fstab' ? step.repositories : [];
    const former = previous?.how === 'fstab' ? previous.repositories : [];
    await dropFstab(
      former.filter(name => !kept.includes(name)),
      ports,
    );
    if (previous !== undefined && previous.cache !== step.cache && system.hasKernel)
      await unmount(mountedRepositories(await readMounts(ports)), ports);
    if (step.how === 'fstab') {
      await dropAutomounter(ports);
      await takeUpFstab(step, ports);
      return;
    }
    await takeFstabLines(ports);
    await needNoFstab(ports);
    if (system.hasKernel) await takeUpAutomounter(ports);
  },
  undo: async (step, ports) => {
    if (step.how === 'fstab') {
      await dropFstab(step.repositories, ports);
      await takeFstabLines(ports);
    }
    await restoreAutomounter(ports);
  },
  holds: async (step, ports) => {
    if (!ports.system.hasKernel) return true;
    const until = ports.clock.monotonicMs() + BOOT_MS;
    while (!isThere(step, await readMounts(ports))) {
      if (ports.clock.monotonicMs() >= until) return false;
      await ports.clock.sleep(POLL_MS);
    }
    return true;
  },
};
