import { PilotageError } from '../../../platform/errors.ts';
import type { Files } from '../../../platform/files.ts';
import { type PrivilegeFiles, privilegeOf } from '../../privilege.ts';
import type { Executor } from './executor.ts';

const MAX_BYTES = 4 * 1024 * 1024;
const SUDOERS = '/etc/sudoers';
const SUDOERS_FOLDER = '/etc/sudoers.d';

const textOf = async (files: Files, path: string): Promise<string> =>
  (await files.read(path, MAX_BYTES)) ?? '';

/** Of the folder, sudo reads what has no dot in its name and is no editor's copy: sudoers(5). */
const readPrivilegeFiles = async (files: Files): Promise<PrivilegeFiles> => {
  const names = (await files.list(SUDOERS_FOLDER)).filter(name => !/\.|~$/.test(name));
  const paths = [SUDOERS, ...names.map(name => `${SUDOERS_FOLDER}/${name}`)];
  const sudoers: { path: string; text: string }[] = [];
  for (const path of paths) sudoers.push({ path, text: await textOf(files, path) });
  return {
    passwd: await textOf(files, '/etc/passwd'),
    group: await textOf(files, '/etc/group'),
    sudoers,
  };
};

/**
 * Users without privileges; whoever has any under such a name stops the step before anything is done. They
 * stay where the context no longer names them: files on the disk may still be theirs.
 */
export const pilotUsers: Executor<'pilot-users'> = {
  apply: async ({ group, groups, users: planned }, { files, users }) => {
    const system = await readPrivilegeFiles(files);
    for (const { name } of planned) {
      const privilege = privilegeOf(name, [group, ...groups], system);
      if (privilege !== undefined)
        throw new PilotageError(
          'step-failed',
          `the user ${name} would have privileges: ${privilege}; remedy: another prefix or group in users, or take that out of the image`,
          { user: name },
        );
    }
    for (const name of [group, ...groups]) await users.ensureGroup(name);
    for (const { name, home } of planned) await users.ensureUser({ name, group, home, groups });
  },
};
