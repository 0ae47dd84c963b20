import { gunzipSync } from 'node:zlib';
import { errnoOf, messageOf } from '../../../platform/errors.ts';
import { refusal } from '../problem.ts';
import type { Budget, Format, Piece } from './piece.ts';
import { spend, tooLarge } from './spend.ts';

/** Decompresses within the budget; a bomb is stopped while it unpacks. */
export const gunzip = (bytes: Buffer, piece: Piece, budget: Budget): Buffer => {
  try {
    const unpacked = gunzipSync(bytes, { maxOutputLength: Math.max(1, budget.bytesLeft) });
    return spend(budget, unpacked, piece);
  } catch (error) {
    if (errnoOf(error) === 'ERR_BUFFER_TOO_LARGE') throw tooLarge(piece);
    if (!errnoOf(error)?.startsWith('Z_')) throw error;
    throw refusal({
      code: 'gzip-damaged',
      file: piece.name,
      message: `gzip that does not unpack: ${messageOf(error)}`,
      remedy: 'compress it again; it was cut off or changed',
    });
  }
};

/** RFC 1952; told by its first two bytes. */
export const gzip: Format = {
  name: 'gzip',
  recognises: latin1 => latin1.startsWith('\x1f\x8b'),
  read: (piece, budget) => [
    { piece: { ...piece, bytes: gunzip(piece.bytes, piece, budget), lineOffset: 0 } },
  ],
};
