import { dirname } from 'node:path';
import { PATHS } from '../../paths.ts';
import type { StepOf } from '../step.ts';
import { ownerOf, type StepPorts } from './ports.ts';

/** A memory-backed file that only its user can read, in a folder that only this user can enter. */
export const applyCredential = async (
  { path, owner: name, content }: StepOf<'credential'>,
  { files, users, memoryFolder }: StepPorts,
): Promise<void> => {
  const owner = await ownerOf(users, name);
  await memoryFolder.ensure(PATHS.credentials);
  await files.makeDirectory(dirname(path), { mode: 0o700, owner });
  await files.write(path, content, { mode: 0o600, owner });
};
