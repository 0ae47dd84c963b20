import { randomUUID } from 'node:crypto';
import { basename } from 'node:path';
import type { Files } from '../platform/files.ts';
import type { BootCause } from './boot-record.ts';
import { isIdOfOneInstance } from './cloud-init-id.ts';
import { type Learnt, readLearnt } from './learnt.ts';

/** What tells this VM, and this boot of it, from every other. */
export interface MachineId {
  /** The cloud's id of the instance; a copy of the disk in another VM has another one. */
  instanceId: string;
  bootId: string;
  hostname: string;
  /** How this boot came about, where that is recorded. */
  boot?: BootCause;
  /** What the cloud told of this VM in this boot, if it was asked. */
  cloud?: Learnt['facts'];
}

const MAX_BYTES = 4096;

const firstText = async (files: Files, paths: readonly string[]): Promise<string | undefined> => {
  for (const path of paths) {
    const text = (await files.read(path, MAX_BYTES))?.trim().slice(0, 255);
    if (text !== undefined && text !== '') return text;
  }
  return undefined;
};

/** Where cloud-init leaves the id of the instance; it needs no network. */
const CLOUD_INIT_ID = '/var/lib/cloud/data/instance-id';
const idOfCloudInit = async (files: Files): Promise<string | undefined> => {
  const id = await firstText(files, [CLOUD_INIT_ID]);
  return id !== undefined && isIdOfOneInstance(id) ? id : undefined;
};
const HOST_BOOT_ID = '/proc/sys/kernel/random/boot_id';

/**
 * Reads the ids that cloud-init and the kernel left.
 * @param host the files of the machine on which this process runs: the same as `files`, except where
 *   a folder stands for the VM, which then has the host's boot id
 */
export const readMachineId = async (files: Files, host: Files): Promise<MachineId> => {
  const folder = basename(files.locate('/'));
  return {
    instanceId:
      (await idOfCloudInit(files)) ??
      (await firstText(files, ['/etc/machine-id'])) ??
      `folder-${folder === '' ? 'unknown' : folder}`,
    bootId:
      (await firstText(files, [HOST_BOOT_ID])) ??
      (await firstText(host, [HOST_BOOT_ID])) ??
      randomUUID(),
    hostname: (await firstText(files, ['/etc/hostname'])) ?? (folder || 'localhost'),
  };
};

/** True if the id of the instance is known without asking the cloud. */
export const isIdKnown = async (files: Files): Promise<boolean> =>
  (await idOfCloudInit(files)) !== undefined;

/** The same with what the cloud told, its id of the instance too where cloud-init has left none. */
export const asTold = async (
  files: Files,
  machine: MachineId,
  cloud: Learnt['facts'],
): Promise<MachineId> => {
  const instanceId = (await isIdKnown(files)) ? undefined : cloud.instanceId;
  return { ...machine, instanceId: instanceId ?? machine.instanceId, cloud };
};

/** The same with what the cloud told in this boot, as it was kept. */
export const asLearnt = async (files: Files, machine: MachineId): Promise<MachineId> => {
  const cloud = (await readLearnt(files, machine.bootId))?.facts;
  return cloud === undefined ? machine : asTold(files, machine, cloud);
};
