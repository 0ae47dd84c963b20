import type { StepOf } from '../step.ts';
import type { StepPorts } from './ports.ts';

export const applyPilotUsers = async (
  step: StepOf<'pilot-users'>,
  { users }: Pick<StepPorts, 'users'>,
): Promise<void> => {
  await users.ensureGroup(step.group);
  for (const { name, home } of step.users) await users.ensureUser(name, step.group, home);
};
