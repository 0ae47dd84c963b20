import type { Exec } from '../../platform/exec.ts';
import type { Files } from '../../platform/files.ts';

/** The kernel's own limits of what each user has on a filesystem (quotactl(2)). */
export interface UserQuotas {
  /** @returns false where the filesystem of that path keeps none, or no program here can set them */
  limit(path: string, users: readonly string[], limitMb: number): Promise<boolean>;
}

const MOUNTINFO = '/proc/self/mountinfo';
const MAX_BYTES = 4 * 1024 * 1024;
const TIMEOUT_MS = 30_000;
/** mkfs.ext4 makes one inode for so many bytes: who has a share of the one has that of the other. */
const BYTES_PER_INODE = 16_384;
const FEWEST_INODES = 10_000;

interface Filesystem {
  mount: string;
  type: string;
  hasQuotas: boolean;
}

/** Of proc_pid_mountinfo(5): the fifth field is the mount point; after the dash type, source, options. */
export const filesystemOf = (path: string, mountinfo: string): Filesystem | undefined => {
  const found = mountinfo
    .split('\n')
    .map(line => line.split(' '))
    .map(fields => ({ mount: fields[4] ?? '', rest: fields.slice(fields.indexOf('-') + 1) }))
    .filter(
      ({ mount }) =>
        mount === '/' || path === mount || (mount !== '' && path.startsWith(`${mount}/`)),
    )
    .reduce<{ mount: string; rest: string[] } | undefined>(
      // Of two that are mounted on the same folder the later one is seen.
      (best, next) => (best === undefined || next.mount.length >= best.mount.length ? next : best),
      undefined,
    );
  if (found === undefined) return undefined;
  const [type = '', , options = ''] = found.rest;
  const hasQuotas =
    (type === 'ext4' || type === 'xfs') && options.split(',').some(word => word === 'usrquota');
  return { mount: found.mount, type, hasQuotas };
};

/** The programs that can set them; an image has the one or the other, or none. */
const SETTERS = [
  {
    program: '/usr/sbin/setquota',
    args: ({ mount }: Filesystem, user: string, kilobytes: number, inodes: number) => [
      ...['-u', user, '0', String(kilobytes), '0', String(inodes), mount],
    ],
  },
  {
    program: '/usr/sbin/xfs_quota',
    args: ({ mount, type }: Filesystem, user: string, kilobytes: number, inodes: number) => [
      ...(type === 'xfs' ? [] : ['-f']),
      ...['-x', '-c', `limit -u bhard=${kilobytes}k ihard=${inodes} ${user}`, mount],
    ],
  },
] as const;

export const createUserQuotas = (files: Files, exec: Exec): UserQuotas => ({
  limit: async (path, users, limitMb) => {
    const filesystem = filesystemOf(path, (await files.read(MOUNTINFO, MAX_BYTES)) ?? '');
    if (filesystem?.hasQuotas !== true) return false;
    const inodes = Math.max(FEWEST_INODES, Math.floor((limitMb * 1024 * 1024) / BYTES_PER_INODE));
    for (const { program, args } of SETTERS) {
      if ((await files.facts(program)) === undefined) continue;
      for (const user of users)
        await exec.run(program, args(filesystem, user, limitMb * 1024, inodes), {
          timeoutMs: TIMEOUT_MS,
        });
      return true;
    }
    return false;
  },
});
