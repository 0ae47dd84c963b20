import { PilotageError } from '../../../platform/errors.ts';
import type { StepOf } from '../step.ts';
import type { Executor } from './executor.ts';
import { putFstabLine, readFstabLine, takeFstabLine } from './fstab.ts';
import type { StepPorts } from './ports.ts';
import { type DiskUse, findReady, prepareDisk } from './prepare-disk.ts';

type Step = StepOf<'scratch-disk'>;

/**
 * Nothing on it is a device or lends its owner's rights; when files were last read, nobody asks. What each
 * user has is kept to limits, by a filesystem that counts it.
 */
const OPTIONS = 'noatime,nodev,nosuid,usrquota';
/**
 * A boot goes on without it: nothing waits for it, and the agent says what is wrong. A busy host may take its
 * time to show a disk.
 */
const BOOT_OPTIONS = `${OPTIONS},nofail,x-systemd.device-timeout=60s`;

const useOf = (
  { filesystem, disk, mount, isPartitioned }: Step,
  { disks }: StepPorts,
): DiskUse => ({
  type: filesystem,
  mount,
  isPartitioned,
  make: (path, uuid) => disks.makeFilesystem(path, { type: filesystem, label: disk.label, uuid }),
});

/** What is swapped to below a mount keeps it in use. */
const release = async (mount: string, { disks }: StepPorts): Promise<void> => {
  if ((await disks.mountedOn(mount)) === undefined) return;
  for (const path of await disks.activeSwaps())
    if (path.startsWith(`${mount}/`)) await disks.swapOff(path);
  await disks.unmount(mount);
};

/** A disk of its own under the scratch folder. What is on it stays, whatever happens to the context. */
export const scratchDisk: Executor<'scratch-disk'> = {
  apply: async (step, ports) => {
    const { disks, files } = ports;
    const { disk, mount } = step;
    const { device, problem } = disk;
    if (problem !== undefined) throw new PilotageError('step-failed', problem, { mount });
    const before = await readFstabLine(step.id, ports);
    if (before !== undefined && (before.mount !== mount || device === undefined)) {
      await release(before.mount, ports);
      await takeFstabLine(step.id, ports);
    }
    if (device === undefined) return;
    const use = useOf(step, ports);
    const mounted = await disks.mountedOn(mount);
    if (mounted !== undefined && mounted !== (await findReady(disk, use, ports))?.number) {
      if (before?.mount !== mount)
        throw new PilotageError('step-failed', `something else is mounted on ${mount}`, { mount });
      await release(mount, ports);
    }
    const { path, number, uuid } = await prepareDisk({ ...disk, device }, use, ports);
    const line = `UUID=${uuid} ${mount} ${step.filesystem} ${BOOT_OPTIONS} 0 0`;
    await putFstabLine(step.id, line, ports);
    if ((await disks.mountedOn(mount)) === number) return;
    await files.makeDirectory(mount, { mode: 0o755 });
    await disks.mount(path, mount, step.filesystem, OPTIONS);
  },
  undo: async (step, ports) => {
    const before = await readFstabLine(step.id, ports);
    if (before === undefined) return;
    await release(before.mount, ports);
    await takeFstabLine(step.id, ports);
  },
  holds: async (step, ports) => {
    if (step.disk.device === undefined) return true;
    const ready = await findReady(step.disk, useOf(step, ports), ports);
    return ready !== undefined && (await ports.disks.mountedOn(step.mount)) === ready.number;
  },
};
