import type { Exec } from '../platform/exec.ts';
import type { Files, Ownership } from '../platform/files.ts';

/** The users of a machine, as far as pilots need them. */
export interface Users {
  find(name: string): Promise<Ownership | undefined>;
  ensureGroup(name: string): Promise<void>;
  /** A user who cannot log in; its home is not made. */
  ensureUser(name: string, group: string, home: string): Promise<void>;
}

const PASSWD = '/etc/passwd';
const GROUP = '/etc/group';
const MAX_BYTES = 4 * 1024 * 1024;
const NO_LOGIN = '/usr/sbin/nologin';

const readFields = async (
  files: Files,
  path: string,
  name: string,
): Promise<string[] | undefined> =>
  ((await files.read(path, MAX_BYTES)) ?? '')
    .split('\n')
    .map(line => line.split(':'))
    .find(([first]) => first === name);

const createFinder =
  (files: Files) =>
  async (name: string): Promise<Ownership | undefined> => {
    const fields = await readFields(files, PASSWD, name);
    return fields === undefined ? undefined : { uid: Number(fields[2]), gid: Number(fields[3]) };
  };

/** The real ones, made by the system's own programs. */
export const createSystemUsers = (files: Files, exec: Exec): Users => ({
  find: createFinder(files),
  ensureGroup: async name => {
    // 9: it exists already.
    await exec.run('groupadd', ['--force', name], { timeoutMs: 30_000, allowedExitCodes: [0, 9] });
  },
  ensureUser: async (name, group, home) => {
    const args = [
      '--gid',
      group,
      '--home-dir',
      home,
      '--no-create-home',
      '--shell',
      NO_LOGIN,
      name,
    ];
    await exec.run('useradd', args, { timeoutMs: 30_000, allowedExitCodes: [0, 9] });
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
  return {
    find: createFinder(files),
    ensureGroup: name => append(GROUP, name, id => `${name}:x:${id}:`),
    ensureUser: async (name, group, home) => {
      const gid = (await readFields(files, GROUP, group))?.[2] ?? '100';
      await append(PASSWD, name, id => `${name}:x:${id}:${gid}::${home}:${NO_LOGIN}`);
    },
  };
};
