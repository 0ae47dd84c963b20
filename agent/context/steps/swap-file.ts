import { randomUUID } from 'node:crypto';
import { dirname } from 'node:path';
import { isPilotageError, PilotageError } from '../../../platform/errors.ts';
import type { StepOf } from '../step.ts';
import type { Executor } from './executor.ts';
import { putFstabLine, readFstabLine, takeFstabLine } from './fstab.ts';
import type { StepPorts } from './ports.ts';

type Step = StepOf<'swap-file'>;

const LABEL = 'pilotage-swp';
const MIB = 1024 * 1024;
/** Left free beside the file. */
const SPARE_MB = 256;

const isOurs = async (path: string, { disks }: StepPorts): Promise<boolean> => {
  const content = await disks.contentOfFile(path);
  return content?.kind === 'filesystem' && content.type === 'swap' && content.label === LABEL;
};

const release = async (path: string, { disks, files }: StepPorts): Promise<void> => {
  if ((await disks.activeSwaps()).includes(path)) await disks.swapOff(path);
  await files.remove(path);
};

const make = async (
  { path, sizeMb }: Step,
  how: 'allocate' | 'fill',
  { disks, files }: StepPorts,
): Promise<void> => {
  await files.write(path, '', { mode: 0o600 });
  try {
    await disks.growFile(path, sizeMb, how);
    await disks.makeSwap(path, LABEL, randomUUID());
    await disks.swapOn(path);
  } catch (error) {
    await files.remove(path);
    throw error;
  }
};

const needRoom = async ({ path, sizeMb }: Step, { files }: StepPorts): Promise<void> => {
  const folder = dirname(path);
  if ((await files.facts(folder)) === undefined) await files.makeDirectory(folder, { mode: 0o755 });
  const freeMb = Math.floor((await files.freeBytes(folder)) / MIB);
  if (freeMb < sizeMb + SPARE_MB)
    throw new PilotageError(
      'step-failed',
      `${folder} has ${freeMb} MB free, too little for ${sizeMb} MB of swap and ${SPARE_MB} MB beside it`,
      { path },
    );
};

/**
 * A file that is swapped to, with no holes in it and closed to all but root. A file that stands in its place
 * and is not ours is left alone.
 */
export const swapFile: Executor<'swap-file'> = {
  apply: async (step, ports, previous) => {
    const { disks, files, system, log } = ports;
    const { path, sizeMb } = step;
    if (!system.hasKernel)
      return log.warn({ path }, 'a folder that stands for a machine has no swap');
    const before = (await readFstabLine(step.id, ports))?.what;
    if (before !== undefined && before !== path && (await isOurs(before, ports)))
      await release(before, ports);
    const facts = await files.facts(path);
    const ours = await isOurs(path, ports);
    const isBegun = previous?.path === path && facts?.kind === 'file';
    if (facts !== undefined && !ours && !isBegun)
      throw new PilotageError(
        'step-failed',
        `${path} exists, and is no swap file of ours; remedy: another swap.path, or remove it`,
        { path },
      );
    const isRight = ours && facts?.sizeBytes === sizeMb * MIB && facts.mode === 0o600;
    if (!isRight) {
      if (facts !== undefined) await release(path, ports);
      await needRoom(step, ports);
      try {
        await make(step, 'allocate', ports);
      } catch (error) {
        // Some filesystems cannot allocate, or give what the kernel takes for holes: written out, it has none.
        if (!isPilotageError(error) || error.code !== 'command-failed') throw error;
        await make(step, 'fill', ports);
      }
    } else if (!(await disks.activeSwaps()).includes(path)) await disks.swapOn(path);
    await putFstabLine(step.id, `${path} none swap sw,nofail 0 0`, ports);
  },
  undo: async ({ id }, ports) => {
    const before = (await readFstabLine(id, ports))?.what;
    if (before === undefined) return;
    if (await isOurs(before, ports)) await release(before, ports);
    await takeFstabLine(id, ports);
  },
  holds: async ({ path }, { disks, system }) =>
    !system.hasKernel || (await disks.activeSwaps()).includes(path),
};
