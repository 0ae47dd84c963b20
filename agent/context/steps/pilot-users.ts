import type { Executor } from './executor.ts';

/** They stay where the context no longer names them: files on the disk may still be theirs. */
export const pilotUsers: Executor<'pilot-users'> = {
  apply: async (step, { users }) => {
    await users.ensureGroup(step.group);
    for (const { name, home } of step.users) await users.ensureUser(name, step.group, home);
  },
};
