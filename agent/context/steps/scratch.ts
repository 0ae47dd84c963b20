import type { StepOf } from '../step.ts';
import { ownerOf, type StepPorts } from './ports.ts';

/** The folder itself may be passed through; each user's own is closed to all others. */
export const applyScratch = async (
  step: StepOf<'scratch'>,
  { files, users }: Pick<StepPorts, 'files' | 'users'>,
): Promise<void> => {
  await files.makeDirectory(step.path, { mode: 0o755 });
  for (const { name, home } of step.users)
    await files.makeDirectory(home, { mode: 0o700, owner: await ownerOf(users, name) });
};
