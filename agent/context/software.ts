import type { Files } from '../../platform/files.ts';

/** Which programs of others this image has, as far as steps work with them; told from its files alone. */
export interface Software {
  hasCvmfs: boolean;
  /** Absent if it has none that is known. */
  packageManager?: 'dnf' | 'yum' | 'apt-get';
  /** Which of the files and folders below are there to be told of a web proxy. */
  configurable?: readonly ConfigurablePath[];
  /** Where whom the machine trusts stands in files of the image. */
  occupied?: readonly string[];
}

const TRUST_FOLDERS = [
  '/etc/grid-security/certificates',
  '/etc/grid-security/vomsdir',
  '/etc/vomses',
] as const;

export const CONFIGURABLE_PATHS = [
  '/etc/environment',
  '/etc/apt/apt.conf.d',
  '/etc/dnf/dnf.conf',
  '/etc/yum.conf',
  '/etc/fetch-crl.d',
  '/etc/fetch-crl.conf',
] as const;
export type ConfigurablePath = (typeof CONFIGURABLE_PATHS)[number];

/** The CVMFS client's own program; all else of it comes in the same package. */
export const CVMFS_CONFIG = '/usr/bin/cvmfs_config';

const PACKAGE_MANAGERS = ['dnf', 'yum', 'apt-get'] as const;

export const readSoftware = async (files: Files): Promise<Software> => {
  const has = async (path: string): Promise<boolean> => (await files.facts(path)) !== undefined;
  const managers = await Promise.all(
    PACKAGE_MANAGERS.map(async name => ((await has(`/usr/bin/${name}`)) ? [name] : [])),
  );
  const [packageManager] = managers.flat();
  // Not links: EL's yum.conf is one to dnf.conf, which is written itself.
  const configurable = await Promise.all(
    CONFIGURABLE_PATHS.map(async path => {
      const kind = (await files.facts(path))?.kind;
      return kind === 'file' || kind === 'directory' ? [path] : [];
    }),
  );
  const occupied = await Promise.all(
    TRUST_FOLDERS.map(async path => {
      const kind = (await files.facts(path))?.kind;
      const isTaken = kind === 'directory' ? (await files.list(path)).length > 0 : kind === 'file';
      return isTaken ? [path] : [];
    }),
  );
  return {
    hasCvmfs: await has(CVMFS_CONFIG),
    configurable: configurable.flat(),
    occupied: occupied.flat(),
    ...(packageManager === undefined ? {} : { packageManager }),
  };
};
