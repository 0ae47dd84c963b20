import type { Clock } from '../../platform/clock.ts';
import { credentialEndMs } from '../../platform/credential-end.ts';
import { PilotageError } from '../../platform/errors.ts';
import type { Files } from '../../platform/files.ts';
import type { Obtained } from './obtainment.ts';

const MAX_BYTES = 64 * 1024;
/** Two looks that agree: whoever does not rename a finished file over the old one is let finish. */
const SETTLE_MS = 1000;

const look = async (files: Files, path: string): Promise<string> => {
  const facts = await files.facts(path);
  if (facts === undefined) throw new PilotageError('file-failed', `there is no ${path}`, { path });
  if (facts.kind !== 'file')
    throw new PilotageError('file-failed', `${path} is no regular file`, { path });
  if ((facts.mode & 0o002) !== 0)
    throw new PilotageError(
      'file-failed',
      `${path} may be written by everybody; remedy: chmod o-w ${path}`,
      { path },
    );
  const bytes = await files.readPiece(path, 0, MAX_BYTES + 1);
  if (bytes === undefined || bytes.length === 0)
    throw new PilotageError('file-failed', `${path} is empty`, { path });
  if (bytes.length > MAX_BYTES)
    throw new PilotageError('file-too-large', `${path} is larger than ${MAX_BYTES} bytes`, {
      path,
    });
  return bytes.toString('utf8');
};

/**
 * The content of a file that somebody else keeps fresh; root reads it, so no link is followed and
 * nothing that everybody may write is believed.
 * @param known the content that was read before: if it is still the same, it is not looked at twice
 */
export const readCredentialFile = async (
  path: string,
  known: string | undefined,
  { files, clock }: { files: Files; clock: Clock },
  signal: AbortSignal,
): Promise<Obtained> => {
  let content = await look(files, path);
  for (let isSettled = content === known; !isSettled && !signal.aborted; ) {
    await clock.sleep(SETTLE_MS, signal);
    const again = await look(files, path);
    isSettled = again === content;
    content = again;
  }
  const endMs = credentialEndMs(content);
  return { content, ...(endMs === undefined ? {} : { endMs }) };
};
