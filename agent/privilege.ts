/** What makes a user more than a user: told from the files of the system, without asking anybody. */

/**
 * Groups that lead to root, or to what is not a pilot's to see: by sudo, by the disks, by starting
 * containers or virtual machines, by the system's secrets and logs, by the terminals of others.
 */
const PRIVILEGED_GROUPS: ReadonlySet<string> = new Set([
  ...['root', 'sudo', 'wheel', 'admin', 'adm', 'operator', 'staff', 'bin', 'daemon', 'sys'],
  ...['disk', 'cdrom', 'floppy', 'tape', 'kmem', 'mem', 'shadow', 'backup', 'src', 'tty', 'input'],
  ...['docker', 'podman', 'lxd', 'lxc', 'incus', 'incus-admin', 'containerd', 'kvm', 'libvirt'],
  ...[
    'libvirt-qemu',
    'qemu',
    'systemd-journal',
    'ssh_keys',
    'polkitd',
    'crontab',
    'utmp',
    'dialout',
  ],
]);

export const isPrivilegedGroup = (name: string): boolean =>
  PRIVILEGED_GROUPS.has(name) || name.startsWith('systemd-');

/** The texts of passwd(5), group(5) and of what sudoers(5) reads. */
export interface PrivilegeFiles {
  passwd: string;
  group: string;
  sudoers: readonly { path: string; text: string }[];
}

const rows = (text: string): string[][] => text.split('\n').map(line => line.split(':'));

/** The names before a line's first `=`, or all of them where an alias is defined; targets and commands apart. */
const namesIn = (line: string): string[] => {
  if (/^\s*Defaults/.test(line)) return [];
  const users = /^\s*User_Alias\b/.test(line) ? line : (line.split('=')[0] ?? '');
  return users.split(/[\s,=:!]+/).filter(word => word !== '');
};

/** A `#` begins a comment, unless digits follow: then it is the number of a user. */
const sudoersLines = (text: string): string[] =>
  text
    .replaceAll(/\\\n/g, ' ')
    .split('\n')
    .map(line => line.replace(/(?<!%)#(?!\d).*$/, ''));

/**
 * Why a user of this name has privileges, or will have them once it is in these groups; nothing if it has
 * none. Of sudoers, a line that names it counts, whatever it allows.
 */
export const privilegeOf = (
  name: string,
  alsoIn: readonly string[],
  { passwd, group, sudoers }: PrivilegeFiles,
): string | undefined => {
  const [, , uid, gid] = rows(passwd).find(([first]) => first === name) ?? [];
  if (uid === '0') return 'its number is 0';
  const groups = rows(group).filter(
    ([groupName, , id, members]) =>
      groupName !== undefined &&
      groupName !== '' &&
      (alsoIn.includes(groupName) ||
        (gid !== undefined && id === gid) ||
        members?.split(',').includes(name)),
  );
  const zero = groups.find(([, , id]) => id === '0');
  if (zero !== undefined || gid === '0') return 'its group has the number 0';
  const names = [...alsoIn, ...groups.map(([groupName]) => groupName ?? '')];
  const privileged = names.find(isPrivilegedGroup);
  if (privileged !== undefined) return `it is in the group ${privileged}`;
  const words = new Set([
    name,
    ...(uid === undefined ? [] : [`#${uid}`]),
    ...names.map(each => `%${each}`),
    ...groups.map(([, , id]) => `%#${id}`),
  ]);
  for (const { path, text } of sudoers)
    for (const line of sudoersLines(text)) {
      const found = namesIn(line);
      const named = found.find((word, index) => words.has(word) || (index === 0 && word === 'ALL'));
      if (named !== undefined) return `${path} speaks of ${named}`;
    }
  return undefined;
};
