import { PilotageError } from '../../platform/errors.ts';
import type { Files } from '../../platform/files.ts';
import type { Log } from '../../platform/log.ts';
import { parseSealKey } from '../credentials/seal.ts';
import { readSecretFile } from './secret-file.ts';

/**
 * The key that seals credentials, from its file. Fails as `readSecretFile` does, and with `usage`
 * for what is no key: a password that somebody thought of would be too weak for one.
 * @param create makes the file if it is missing
 */
export const readCredentialKey = async (
  files: Files,
  log: Log,
  path: string,
  create: boolean,
): Promise<Uint8Array> => {
  const key = parseSealKey(await readSecretFile(files, log, path, create));
  if (key === undefined)
    throw new PilotageError(
      'usage',
      `${path} holds no key of 256 bits in base64url: let serve --init make it`,
      { path },
    );
  return key;
};
