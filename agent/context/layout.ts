import type { Files } from '../../platform/files.ts';
import { readSoftware, type Software } from './software.ts';

/** How this system's image is laid out, where distributions differ; told from its files alone. */
export interface Layout {
  hasCloudInit: boolean;
  /** What sets the clock; absent if the image has nothing that does. */
  time?:
    | { kind: 'chrony-sources'; service: string; folder: string }
    | { kind: 'chrony'; service: string; path: string }
    | { kind: 'timesyncd' };
  software?: Software;
}

const MAX_BYTES = 256 * 1024;

/** Debian's chrony and EL's: where its configuration lies, and what its service is called. */
const CHRONY = [
  { path: '/etc/chrony/chrony.conf', service: 'chrony' },
  { path: '/etc/chrony.conf', service: 'chronyd' },
] as const;
const TIMESYNCD = ['/usr/lib/systemd/systemd-timesyncd', '/lib/systemd/systemd-timesyncd'] as const;

/** A folder below /etc that chrony reads sources from; those below /run are DHCP's, and gone at a reboot. */
const sourceFolderOf = (configuration: string): string | undefined =>
  /^\s*sourcedir\s+(\/etc\/[A-Za-z0-9._/-]+?)\/?\s*$/m.exec(configuration)?.[1];

const readTime = async (files: Files): Promise<Layout['time']> => {
  for (const { path, service } of CHRONY) {
    const configuration = await files.read(path, MAX_BYTES);
    if (configuration === undefined) continue;
    const folder = sourceFolderOf(configuration);
    return folder === undefined
      ? { kind: 'chrony', service, path }
      : { kind: 'chrony-sources', service, folder };
  }
  for (const path of TIMESYNCD)
    if ((await files.facts(path)) !== undefined) return { kind: 'timesyncd' };
  return undefined;
};

export const readLayout = async (files: Files): Promise<Layout> => {
  const time = await readTime(files);
  return {
    hasCloudInit: (await files.facts('/etc/cloud/cloud.cfg')) !== undefined,
    ...(time === undefined ? {} : { time }),
    software: await readSoftware(files),
  };
};
