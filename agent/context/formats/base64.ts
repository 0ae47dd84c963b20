import { refusal } from '../problem.ts';
import type { Budget, Format, Piece } from './piece.ts';
import { spend } from './spend.ts';

/**
 * RFC 4648 base64, in lines or not, padded or not; also the URL-safe alphabet. Node skips what it
 * does not know, so damage would go unseen without the check.
 * @returns nothing where it does not decode
 */
export const decodeBase64 = (latin1: string): Buffer | undefined => {
  const dense = latin1.replace(/[ \t\r\n]+/g, '');
  if (!/^[A-Za-z0-9+/_-]*={0,2}$/.test(dense)) return undefined;
  const digits = dense.replace(/=+$/, '');
  if (digits.length % 4 === 1) return undefined;
  if (dense.length !== digits.length && dense.length % 4 !== 0) return undefined;
  return Buffer.from(digits, 'base64');
};

/** `decodeBase64`, or a refusal with the place. */
export const needBase64 = (latin1: string, piece: Piece, budget: Budget): Buffer => {
  const decoded = decodeBase64(latin1);
  if (decoded !== undefined) return spend(budget, decoded, piece);
  throw refusal({
    code: 'base64-damaged',
    file: piece.name,
    line: 1 + piece.lineOffset,
    message: 'base64 that does not decode: it was cut off or changed',
    remedy: 'encode it again, for example with base64 -w0',
  });
};

/** Text that is base64 as a whole. No context looks like that: it has no colon. */
export const base64: Format = {
  name: 'base64',
  recognises: latin1 =>
    /^\s*[A-Za-z0-9+/_-]{16}/.test(latin1) && /^[A-Za-z0-9+/_\s-]*={0,2}$/.test(latin1.trimEnd()),
  read: (piece, budget) => {
    const bytes = needBase64(piece.bytes.toString('latin1'), piece, budget);
    return [{ piece: { ...piece, bytes, lineOffset: 0 } }];
  },
};
