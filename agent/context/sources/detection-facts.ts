import type { Files } from '../../../platform/files.ts';
import { PATHS } from '../../paths.ts';
import { isContextFile } from '../source-file.ts';

/** What the firmware says, from the files of the same names below /sys/class/dmi/id. */
export const DMI_FIELDS = [
  'product_uuid',
  'product_serial',
  'product_name',
  'bios_vendor',
  'sys_vendor',
  'chassis_asset_tag',
] as const;
export type DmiField = (typeof DMI_FIELDS)[number];

/** Files by which cloud-init, or whoever made the image for it, shows. */
export const CLOUD_INIT = {
  userData: '/var/lib/cloud/instance/user-data.txt',
  instanceData: '/run/cloud-init/instance-data.json',
  seeds: ['/var/lib/cloud/seed/nocloud', '/var/lib/cloud/seed/nocloud-net'],
} as const;

/** All that is known of a machine without asking anybody. */
export interface DetectionFacts {
  /** Without the fields that are missing, empty, or not readable by this user. */
  dmi: Readonly<Partial<Record<DmiField, string>>>;
  /** Labels of the filesystems that are attached. */
  labels: readonly string[];
  /** Context files that lie on the machine, as cloud-init's write_files leaves them. */
  contextFiles: readonly string[];
  /** Those of cloud-init's files and seed folders that exist. */
  cloudInit: readonly string[];
}

const DMI_FOLDER = '/sys/class/dmi/id';
const DMI_BYTES = 4096;
const LABELS = '/dev/disk/by-label';

const readDmi = async (files: Files): Promise<DetectionFacts['dmi']> => {
  const dmi: Partial<Record<DmiField, string>> = {};
  const names = new Set(await files.list(DMI_FOLDER));
  for (const field of DMI_FIELDS) {
    const path = `${DMI_FOLDER}/${field}`;
    // Root alone may read the ids; anybody may ask which cloud this is.
    const mode = names.has(field) ? (await files.facts(path))?.mode : undefined;
    const isReadable = mode !== undefined && (process.getuid?.() === 0 || (mode & 0o004) !== 0);
    const text = isReadable ? (await files.read(path, DMI_BYTES))?.trim() : undefined;
    if (text !== undefined && text !== '') dmi[field] = text;
  }
  return dmi;
};

/** Looks at firmware, disks and files, each within bounds. */
export const readDetectionFacts = async (files: Files): Promise<DetectionFacts> => {
  const paths = [CLOUD_INIT.userData, CLOUD_INIT.instanceData, ...CLOUD_INIT.seeds];
  const cloudInit: string[] = [];
  for (const path of paths) if ((await files.facts(path)) !== undefined) cloudInit.push(path);
  return {
    dmi: await readDmi(files),
    labels: await files.list(LABELS),
    contextFiles: (await files.list(PATHS.context))
      .filter(isContextFile)
      .map(name => `${PATHS.context}/${name}`),
    cloudInit,
  };
};
