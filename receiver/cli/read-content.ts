import { resolve } from 'node:path';
import { PilotageError } from '../../platform/errors.ts';
import type { Files } from '../../platform/files.ts';
import { LIMITS } from '../../protocol/limits.ts';

/** A character takes four bytes at most. */
const MAX_BYTES = 4 * LIMITS.credentialChars;

const readStream = async (stream: AsyncIterable<Uint8Array>): Promise<Buffer> => {
  const pieces: Uint8Array[] = [];
  let total = 0;
  for await (const piece of stream) {
    total += piece.length;
    if (total > MAX_BYTES)
      throw new PilotageError('file-too-large', `the input is larger than ${MAX_BYTES} bytes`);
    pieces.push(piece);
  }
  return Buffer.concat(pieces);
};

/**
 * The text of a file, or of the input for `-`. What is no text is refused: it would arrive as
 * another. Fails with `file-failed` or `file-too-large`.
 */
export const readContent = async (
  files: Files,
  path: string,
  input: AsyncIterable<Uint8Array>,
): Promise<string> => {
  const bytes =
    path === '-' ? await readStream(input) : await files.readBytes(resolve(path), MAX_BYTES);
  if (bytes === undefined) throw new PilotageError('file-failed', `${path} is missing`, { path });
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch (error) {
    const what = path === '-' ? 'the input' : path;
    throw new PilotageError('file-failed', `${what} is no UTF-8 text`, { path }, error);
  }
};
