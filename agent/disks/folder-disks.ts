import { PilotageError } from '../../platform/errors.ts';
import type { DiskTools } from './disk-tools.ts';

const refuse = (): Promise<never> =>
  Promise.reject(
    new PilotageError('step-failed', 'a folder that stands for a machine has no disks'),
  );

/** A folder has no disks, and says so; nothing of its host's is looked at or touched. */
export const createFolderDiskTools = (): DiskTools => ({
  list: async () => undefined,
  inspect: async () => undefined,
  contentOfFile: async () => undefined,
  wipe: refuse,
  partition: refuse,
  makeFilesystem: refuse,
  mount: refuse,
  unmount: refuse,
  mountedOn: async () => undefined,
  growFile: refuse,
  makeSwap: refuse,
  activeSwaps: async () => [],
  swapOn: refuse,
  swapOff: refuse,
});
