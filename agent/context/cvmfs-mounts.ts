/** What is mounted, as far as it concerns CVMFS. Pure: texts of /proc/mounts and fstab are handed in. */

export interface MountLine {
  source: string;
  target: string;
  type: string;
}

/** fstab(5) and /proc/mounts write spaces and their like as \040. */
const decode = (field: string): string =>
  field.replace(/\\([0-7]{3})/g, (_, octal: string) =>
    String.fromCharCode(Number.parseInt(octal, 8)),
  );

export const parseMounts = (text: string): MountLine[] =>
  text
    .split('\n')
    .filter(line => !/^\s*(?:#|$)/.test(line))
    .flatMap(line => {
      const [source, target, type] = line.trim().split(/\s+/).map(decode);
      return source === undefined || target === undefined || type === undefined
        ? []
        : [{ source, target, type }];
    });

export const CVMFS_FOLDER = '/cvmfs';
export const mountPointOf = (repository: string): string => `${CVMFS_FOLDER}/${repository}`;

/** The client calls itself so, with or without the folder in which it lies. */
const isClient = ({ source, target }: MountLine): boolean =>
  /^(?:.*\/)?cvmfs2$/.test(source) && target.startsWith(`${CVMFS_FOLDER}/`);

/** Where repositories are mounted now. */
export const mountedRepositories = (procMounts: string): string[] =>
  parseMounts(procMounts)
    .filter(isClient)
    .map(({ target }) => target);

/** Whether the automounter serves /cvmfs now. */
export const isAutomounted = (procMounts: string): boolean =>
  parseMounts(procMounts).some(({ target, type }) => target === CVMFS_FOLDER && type === 'autofs');

/** Mount points that lines of fstab give to repositories. */
export const repositoriesInFstab = (fstab: string): string[] =>
  parseMounts(fstab)
    .filter(({ type, target }) => type === 'cvmfs' && target.startsWith(`${CVMFS_FOLDER}/`))
    .map(({ target }) => target);

/**
 * A line as the CVMFS documentation has it. A VM whose squids are away must come up all the same
 * (`nofail`), and the cache's volume comes first.
 */
export const fstabLine = (repository: string, cache: string): string =>
  `${repository} ${mountPointOf(repository)} cvmfs defaults,_netdev,nodev,nofail,x-systemd.requires-mounts-for=${cache} 0 0`;

/** What `cvmfs_config setup` writes into a master map. */
const MAP = /^\/cvmfs\s+(?:program:)?\/etc\/auto\.cvmfs(?:\s|$)/;

export const isInMasterMap = (masterMap: string): boolean =>
  masterMap.split('\n').some(line => MAP.test(line));
export const withoutMap = (masterMap: string): string =>
  masterMap
    .split('\n')
    .filter(line => !MAP.test(line))
    .join('\n');
