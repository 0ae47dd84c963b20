import type { Exec } from '../platform/exec.ts';
import type { Files, Ownership } from '../platform/files.ts';
import { shareRunning } from '../platform/share-running.ts';

/** A user who cannot log in; its home is not made. */
export interface UserSpec {
  name: string;
  group: string;
  home: string;
  /** All that it is in beside its own. */
  groups: readonly string[];
}

/** The users of a machine, as far as pilots need them. */
export interface Users {
  find(name: string): Promise<Ownership | undefined>;
  ensureGroup(name: string): Promise<void>;
  /** Makes it, or makes it be so. */
  ensureUser(user: UserSpec): Promise<void>;
}

const PASSWD = '/etc/passwd';
const SHADOW = '/etc/shadow';
const GROUP = '/etc/group';
const MAX_BYTES = 4 * 1024 * 1024;
const NO_LOGIN = '/usr/sbin/nologin';
const MANAGE_MS = 30_000;

const readRows = async (files: Files, path: string): Promise<string[][]> =>
  ((await files.read(path, MAX_BYTES)) ?? '').split('\n').map(line => line.split(':'));

const readFields = async (
  files: Files,
  path: string,
  name: string,
): Promise<string[] | undefined> => (await readRows(files, path)).find(([first]) => first === name);

/** All slots ask at once for users of theirs; the file is read once for them. */
const createFinder = (files: Files): Users['find'] => {
  // Of two rows of one name the first counts.
  const readUsers = shareRunning(
    async () => new Map((await readRows(files, PASSWD)).reverse().map(row => [row[0], row])),
  );
  return async name => {
    const fields = (await readUsers()).get(name);
    return fields === undefined ? undefined : { uid: Number(fields[2]), gid: Number(fields[3]) };
  };
};

const groupsOf = async (files: Files, name: string): Promise<string[]> =>
  (await readRows(files, GROUP))
    .filter(([, , , members]) => members?.split(',').includes(name))
    .map(([group]) => group ?? '');

const isSame = (a: readonly string[], b: readonly string[]): boolean =>
  [...a].sort().join() === [...b].sort().join();

/** What usermod(8) has to change of a user that exists; nothing where it is right. */
const changesOf = async (files: Files, user: UserSpec, fields: string[]): Promise<string[]> => {
  const gid = (await readFields(files, GROUP, user.group))?.[2];
  const password = (await readFields(files, SHADOW, user.name))?.[1] ?? '';
  return [
    ...(fields[3] === gid ? [] : ['--gid', user.group]),
    ...(fields[6] === NO_LOGIN ? [] : ['--shell', NO_LOGIN]),
    ...(/^[!*]/.test(password) ? [] : ['--lock']),
    ...(isSame(await groupsOf(files, user.name), user.groups)
      ? []
      : ['--groups', user.groups.join(',')]),
  ];
};

/** The real ones, made by the system's own programs. */
export const createSystemUsers = (files: Files, exec: Exec): Users => ({
  find: createFinder(files),
  ensureGroup: async name => {
    // 9: it exists already.
    await exec.run('groupadd', ['--force', name], {
      timeoutMs: MANAGE_MS,
      allowedExitCodes: [0, 9],
    });
  },
  ensureUser: async user => {
    const { name, group, home, groups } = user;
    const fields = await readFields(files, PASSWD, name);
    if (fields !== undefined) {
      const changes = await changesOf(files, user, fields);
      if (changes.length > 0)
        await exec.run('usermod', [...changes, name], { timeoutMs: MANAGE_MS });
      return;
    }
    const args = ['--gid', group, '--home-dir', home, '--no-create-home', '--shell', NO_LOGIN];
    const also = groups.length === 0 ? [] : ['--groups', groups.join(',')];
    // Without a password of its own it is locked from the start.
    await exec.run('useradd', [...args, ...also, name], {
      timeoutMs: MANAGE_MS,
      allowedExitCodes: [0, 9],
    });
  },
});

/** Where the machine is a folder, users are lines in its files; its pilots all run as ourselves. */
export const createFolderUsers = (files: Files): Users => {
  const append = async (
    path: string,
    name: string,
    toLine: (id: number) => string,
  ): Promise<void> => {
    if ((await readFields(files, path, name)) !== undefined) return;
    const text = (await files.read(path, MAX_BYTES)) ?? '';
    const id = 1000 + text.split('\n').length;
    if ((await files.facts('/etc')) === undefined)
      await files.makeDirectory('/etc', { mode: 0o755 });
    await files.write(path, `${text}${toLine(id)}\n`, { mode: 0o644 });
  };
  const join = async (name: string, groups: readonly string[]): Promise<void> => {
    const lines = (await readRows(files, GROUP)).map(fields => {
      const [group = '', password = '', id = '', list = ''] = fields;
      if (fields.length < 4) return fields.join(':');
      const others = list.split(',').filter(member => member !== '' && member !== name);
      const members = groups.includes(group) ? [...others, name] : others;
      return [group, password, id, members.join(',')].join(':');
    });
    await files.write(GROUP, lines.join('\n'), { mode: 0o644 });
  };
  return {
    find: createFinder(files),
    ensureGroup: name => append(GROUP, name, id => `${name}:x:${id}:`),
    ensureUser: async ({ name, group, home, groups }) => {
      const gid = (await readFields(files, GROUP, group))?.[2] ?? '100';
      await append(PASSWD, name, id => `${name}:x:${id}:${gid}::${home}:${NO_LOGIN}`);
      if (!isSame(await groupsOf(files, name), groups)) await join(name, groups);
    },
  };
};
