import { dirname } from 'node:path';
import { PATHS } from '../../paths.ts';
import type { Executor } from './executor.ts';
import { ownerOf } from './ports.ts';

/** A memory-backed file that only its user can read, in a folder that only this user can enter. */
export const credential: Executor<'credential'> = {
  apply: async ({ path, owner: name, content }, { files, users, memoryFolder }) => {
    const owner = await ownerOf(users, name);
    await memoryFolder.ensure(PATHS.credentials);
    await files.makeDirectory(dirname(path), { mode: 0o700, owner });
    await files.write(path, content, { mode: 0o600, owner });
  },
  undo: ({ path }, { files }) => files.remove(path),
};
