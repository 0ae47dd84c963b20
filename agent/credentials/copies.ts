import { dirname } from 'node:path';
import { PilotageError } from '../../platform/errors.ts';
import type { Files } from '../../platform/files.ts';
import type { MemoryFolder } from '../../platform/memory-folder.ts';
import type { CredentialCopy } from '../context/step.ts';
import { PATHS } from '../paths.ts';
import type { Users } from '../users.ts';

interface CopyPorts {
  files: Files;
  users: Users;
  memoryFolder: MemoryFolder;
}

/** As long as the schema and the protocol let a credential be, in any characters. */
export const CREDENTIAL_BYTES = 256 * 1024;

/**
 * Gives each user the content as a file that only this user can read, in a folder in memory that only
 * this user can enter. A file that exists is replaced as a whole: whoever reads it sees the old one or
 * the new one.
 */
export const handOut = async (
  copies: readonly CredentialCopy[],
  content: string,
  { files, users, memoryFolder }: CopyPorts,
): Promise<void> => {
  await memoryFolder.ensure(PATHS.credentials);
  for (const { path, owner: name } of copies) {
    const owner = await users.find(name);
    if (owner === undefined)
      throw new PilotageError('step-failed', `there is no user ${name}`, { user: name });
    await files.makeDirectory(dirname(path), { mode: 0o700, owner });
    await files.write(path, content, { mode: 0o600, owner });
  }
};

/** What was handed out; `undefined` where a copy is missing or another than the rest. */
export const readHandedOut = async (
  copies: readonly CredentialCopy[],
  { files }: Pick<CopyPorts, 'files'>,
): Promise<string | undefined> => {
  let first: string | undefined;
  for (const { path } of copies) {
    const content = await files.read(path, CREDENTIAL_BYTES);
    first ??= content;
    if (content === undefined || content !== first) return undefined;
  }
  return first;
};
