import { dirname } from 'node:path';
import type { Files } from '../../platform/files.ts';
import type { MachineId } from '../machine.ts';
import { type HookPaths, readHookPaths } from './hook-paths.ts';
import { type Layout, readLayout } from './layout.ts';
import { hasMetadataService } from './sources/detect.ts';
import { readDetectionFacts } from './sources/detection-facts.ts';

/** What the plan needs to know of the machine; gathered once, when the VM is contextualized. */
export interface Facts extends MachineId {
  /** Logical processors. */
  cores: number;
  memoryMb: number;
  /** Size of the volume on which the CVMFS cache will lie. */
  cvmfsVolumeMb?: number;
  hooks: HookPaths;
  layout?: Layout;
  /** The firmware is that of a cloud whose VMs have a metadata service. */
  metadataService?: boolean;
}

/** The size of the volume of a folder that may not exist yet. */
const volumeMb = async (files: Files, path: string): Promise<number> => {
  let existing = path;
  while (existing !== '/' && (await files.facts(existing)) === undefined)
    existing = dirname(existing);
  return Math.floor((await files.totalBytes(existing)) / 1024 / 1024);
};

/** systeminformation knows every platform's way to tell; it is loaded for this alone. */
export const readSize = async (): Promise<Pick<Facts, 'cores' | 'memoryMb'>> => {
  const { cpu, mem } = await import('systeminformation');
  const [processors, memory] = await Promise.all([cpu(), mem()]);
  return {
    cores: Math.max(1, processors.cores),
    memoryMb: Math.max(1, Math.floor(memory.total / 1024 / 1024)),
  };
};

export const readFacts = async (
  machineId: MachineId,
  { files, cvmfsCache }: { files: Files; cvmfsCache: string | undefined },
): Promise<Facts> => {
  return {
    ...machineId,
    ...(await readSize()),
    hooks: await readHookPaths(files),
    layout: await readLayout(files),
    metadataService: hasMetadataService(await readDetectionFacts(files)),
    ...(cvmfsCache === undefined ? {} : { cvmfsVolumeMb: await volumeMb(files, cvmfsCache) }),
  };
};
