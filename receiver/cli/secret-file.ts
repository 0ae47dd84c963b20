import { randomBytes } from 'node:crypto';
import { resolve } from 'node:path';
import { PilotageError } from '../../platform/errors.ts';
import type { Files } from '../../platform/files.ts';
import type { Log } from '../../platform/log.ts';

/** Shorter ones can be guessed by trying. */
const MIN_CHARS = 16;
const MAX_BYTES = 4096;
const OTHERS_MAY = 0o077;

/**
 * A secret from its file, without the line's end.
 * @param create makes the file with 256 random bits, 0600, if it is missing
 */
export const readSecretFile = async (
  files: Files,
  log: Log,
  path: string,
  create: boolean,
): Promise<string> => {
  const place = resolve(path);
  const text = await files.read(place, MAX_BYTES);
  if (text === undefined) {
    if (!create)
      throw new PilotageError(
        'file-failed',
        `${place} is missing: write a secret into it, or say --init`,
        { place },
      );
    const secret = randomBytes(32).toString('base64url');
    await files.write(place, `${secret}\n`, { mode: 0o600 });
    log.info({ file: place }, 'made a new secret');
    return secret;
  }
  const secret = text.trim();
  if (secret.length < MIN_CHARS)
    throw new PilotageError(
      'usage',
      `${place} holds fewer than ${MIN_CHARS} characters, which can be guessed`,
      { place },
    );
  const facts = await files.facts(place);
  if (((facts?.mode ?? 0) & OTHERS_MAY) !== 0)
    log.warn({ file: place }, 'others may read this secret: chmod 600 it');
  return secret;
};
