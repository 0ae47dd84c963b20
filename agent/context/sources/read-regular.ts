import { PilotageError } from '../../../platform/errors.ts';
import type { Files } from '../../../platform/files.ts';

/**
 * A file of a disk that somebody else has made: only a regular file is read, no link is followed and no
 * pipe waited for. `undefined` if there is none, `file-too-large` above the bound.
 */
export const readRegular = async (
  files: Files,
  path: string,
  maxBytes: number,
): Promise<Buffer | undefined> => {
  const bytes = await files.readPiece(path, 0, maxBytes + 1);
  if (bytes !== undefined && bytes.length > maxBytes)
    throw new PilotageError(
      'file-too-large',
      `${files.locate(path)} is larger than ${maxBytes} bytes`,
      { path, maxBytes },
    );
  return bytes;
};
