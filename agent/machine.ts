import { randomUUID } from 'node:crypto';
import { basename } from 'node:path';
import type { Files } from '../platform/files.ts';

/** What tells this VM, and this boot of it, from every other. */
export interface MachineId {
  /** The cloud's id of the instance; a copy of the disk in another VM has another one. */
  instanceId: string;
  bootId: string;
  hostname: string;
}

const MAX_BYTES = 4096;

const firstText = async (files: Files, paths: readonly string[]): Promise<string | undefined> => {
  for (const path of paths) {
    const text = (await files.read(path, MAX_BYTES))?.trim().slice(0, 255);
    if (text !== undefined && text !== '') return text;
  }
  return undefined;
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
      (await firstText(files, ['/var/lib/cloud/data/instance-id', '/etc/machine-id'])) ??
      `folder-${folder === '' ? 'unknown' : folder}`,
    bootId:
      (await firstText(files, [HOST_BOOT_ID])) ??
      (await firstText(host, [HOST_BOOT_ID])) ??
      randomUUID(),
    hostname: (await firstText(files, ['/etc/hostname'])) ?? (folder || 'localhost'),
  };
};
