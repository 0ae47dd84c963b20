import { refusal } from '../problem.ts';
import type { Budget, Piece } from './piece.ts';

/** What all that is unpacked from one user-data may come to, bytes. */
export const UNPACKED_BYTES = 4 * 1024 * 1024;

export const tooLarge = ({ name }: Pick<Piece, 'name'>) =>
  refusal({
    code: 'too-large',
    file: name,
    message: 'unpacks to more than a context can be',
    remedy: `at most ${UNPACKED_BYTES / 1024 / 1024} MiB in all`,
  });

/** Counts unpacked bytes against the budget. @throws context-invalid when it is used up */
export const spend = (budget: Budget, bytes: Buffer, piece: Piece): Buffer => {
  budget.bytesLeft -= bytes.length;
  if (budget.bytesLeft < 0) throw tooLarge(piece);
  return bytes;
};
