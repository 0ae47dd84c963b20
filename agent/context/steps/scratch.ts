import type { Executor } from './executor.ts';
import { ownerOf } from './ports.ts';

/**
 * The folder itself may be passed through; each user's own is closed to all others. Not taken back:
 * what pilots have left there may be the evidence that somebody looks for.
 */
export const scratch: Executor<'scratch'> = {
  apply: async (step, { files, users }) => {
    await files.makeDirectory(step.path, { mode: 0o755 });
    for (const { name, home } of step.users)
      await files.makeDirectory(home, { mode: 0o700, owner: await ownerOf(users, name) });
  },
};
