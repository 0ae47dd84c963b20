import { PilotageError } from '../../../platform/errors.ts';
import type { StepOf } from '../step.ts';
import type { Executor } from './executor.ts';
import { putFstabLine, readFstabLine, takeFstabLine } from './fstab.ts';
import type { StepPorts } from './ports.ts';
import { type DiskUse, findReady, prepareDisk } from './prepare-disk.ts';

const useOf = ({ disk }: StepOf<'swap-disk'>, { disks }: StepPorts): DiskUse => ({
  type: 'swap',
  mount: '[SWAP]',
  isPartitioned: false,
  make: (path, uuid) => disks.makeSwap(path, disk.label, uuid),
});

/** Ends what an earlier run's line swaps to, unless that is what is wanted. */
const release = async (
  step: string,
  wanted: string | undefined,
  ports: StepPorts,
): Promise<void> => {
  const { disks } = ports;
  const before = await readFstabLine(step, ports);
  if (before === undefined || before.what === wanted) return;
  for (const path of await disks.activeSwaps()) {
    const content = path.startsWith('/dev/') ? (await disks.inspect(path))?.content : undefined;
    if (content?.kind === 'filesystem' && `UUID=${content.uuid}` === before.what)
      await disks.swapOff(path);
  }
  await takeFstabLine(step, ports);
};

/** A disk that is swapped to as a whole. */
export const swapDisk: Executor<'swap-disk'> = {
  apply: async (step, ports) => {
    const { disks } = ports;
    const { device, problem } = step.disk;
    if (problem !== undefined) throw new PilotageError('step-failed', problem);
    if (device === undefined) return release(step.id, undefined, ports);
    const { path, uuid } = await prepareDisk({ ...step.disk, device }, useOf(step, ports), ports);
    await release(step.id, `UUID=${uuid}`, ports);
    await putFstabLine(step.id, `UUID=${uuid} none swap sw,nofail 0 0`, ports);
    if (!(await disks.activeSwaps()).includes(path)) await disks.swapOn(path);
  },
  undo: ({ id }, ports) => release(id, undefined, ports),
  holds: async (step, ports) => {
    if (step.disk.device === undefined) return true;
    const ready = await findReady(step.disk, useOf(step, ports), ports);
    return ready !== undefined && (await ports.disks.activeSwaps()).includes(ready.path);
  },
};
