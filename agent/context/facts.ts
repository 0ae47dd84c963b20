import { dirname } from 'node:path';
import type { Exec } from '../../platform/exec.ts';
import type { Files } from '../../platform/files.ts';
import type { Disk } from '../disks/disk.ts';
import type { DiskTools } from '../disks/disk-tools.ts';
import { readGpus } from '../gpus/read-gpus.ts';
import type { MachineId } from '../machine.ts';
import type { MachineSize } from '../machine-size.ts';
import { type HookPaths, readHookPaths } from './hook-paths.ts';
import { type Layout, readLayout } from './layout.ts';
import { readSize } from './read-size.ts';
import type { Context } from './schema.ts';
import { hasMetadataService } from './sources/detect.ts';
import { readDetectionFacts } from './sources/detection-facts.ts';

/** What the plan needs to know of the machine; gathered once, when the VM is contextualized. */
export interface Facts extends MachineId, MachineSize {
  /** Size of the volume on which the CVMFS cache will lie. */
  cvmfsVolumeMb?: number;
  hooks: HookPaths;
  layout?: Layout;
  /** The firmware is that of a cloud whose VMs have a metadata service. */
  metadataService?: boolean;
  /** Read where the context speaks of disks; absent where the machine is a folder, which has none. */
  disks?: readonly Disk[];
}

/** The size of the volume of a folder that may not exist yet. */
const volumeMb = async (files: Files, path: string): Promise<number> => {
  let existing = path;
  while (existing !== '/' && (await files.facts(existing)) === undefined)
    existing = dirname(existing);
  return Math.floor((await files.totalBytes(existing)) / 1024 / 1024);
};

/** Where pilots run: in units of systemd, or below the agent. */
export const hasSystemd = async (files: Files): Promise<boolean> =>
  (await files.facts('/run/systemd/system')) !== undefined;

export interface FactSources {
  files: Files;
  /** The files of the machine on which we run. */
  host: Files;
  exec: Exec;
  disks: Pick<DiskTools, 'list' | 'inspect'>;
  /** Says what need not be looked for. */
  context: Pick<Context, 'cvmfs' | 'scratch' | 'swap' | 'pilots'>;
}

/** What pilots can use; GPUs are looked for only where there are pilots. */
export const readMachineSize = async ({
  files,
  host,
  exec,
  context: { pilots },
}: Omit<FactSources, 'disks'>): Promise<MachineSize> => {
  const size = await readSize(host, await hasSystemd(files));
  const gpus =
    pilots === undefined ? undefined : await readGpus(host, exec, pilots.gpus !== 'none');
  return { ...size, ...(gpus === undefined ? {} : { gpus }) };
};

/** The disks, each with the name by which the context speaks of it. */
const readDisks = async (
  disks: FactSources['disks'],
  words: readonly string[],
): Promise<Disk[] | undefined> => {
  if (words.length === 0) return undefined;
  let found = await disks.list();
  for (const word of words.filter(text => text.startsWith('/'))) {
    const path = (await disks.inspect(word))?.path;
    const named = (disk: Disk): Disk => ({
      ...disk,
      aliases: disk.path === path ? [...disk.aliases, word] : disk.aliases,
      parts: disk.parts.map(named),
    });
    found = found?.map(named);
  }
  return found;
};

export const readFacts = async (
  machineId: MachineId,
  { disks, ...sources }: FactSources,
): Promise<Facts> => {
  const { files, context } = sources;
  const { cvmfs, scratch, swap } = context;
  const words = [scratch.disk, swap?.disk].filter(word => word !== undefined);
  const found = await readDisks(disks, words);
  return {
    ...machineId,
    ...(await readMachineSize(sources)),
    hooks: await readHookPaths(files),
    layout: await readLayout(files),
    metadataService: hasMetadataService(await readDetectionFacts(files)),
    ...(cvmfs === undefined ? {} : { cvmfsVolumeMb: await volumeMb(files, cvmfs.cache) }),
    ...(found === undefined ? {} : { disks: found }),
  };
};
