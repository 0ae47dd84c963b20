import { refusal } from '../problem.ts';
import type { Piece } from './piece.ts';

const BYTE_ORDER_MARK = Buffer.from([0xef, 0xbb, 0xbf]);

export const withoutByteOrderMark = (bytes: Buffer): Buffer =>
  bytes.subarray(0, 3).equals(BYTE_ORDER_MARK) ? bytes.subarray(3) : bytes;

/** From 1: the line of a byte, in the file that the piece is a part of. */
export const lineAt = ({ bytes, lineOffset }: Piece, offset: number): number => {
  let line = 1;
  for (let at = bytes.indexOf(10); at !== -1 && at < offset; at = bytes.indexOf(10, at + 1))
    line += 1;
  return line + lineOffset;
};

/** The first byte that is no part of UTF-8. */
const firstInvalid = (bytes: Buffer): number => {
  // Everything up to U+FFFD, decoded and encoded again, is as long as it was.
  const decoded = bytes.toString('utf8');
  for (let at = decoded.indexOf('\uFFFD'); at !== -1; at = decoded.indexOf('\uFFFD', at + 1)) {
    const offset = Buffer.byteLength(decoded.slice(0, at));
    if (bytes[offset] !== 0xef || bytes[offset + 1] !== 0xbf) return offset;
  }
  return 0;
};

/**
 * The text of a piece, which is UTF-8 without NUL bytes.
 * @throws context-invalid with the line of the first byte that is wrong
 */
export const textOf = (piece: Piece): string => {
  const bytes = withoutByteOrderMark(piece.bytes);
  const place = (offset: number) => ({
    code: 'not-text' as const,
    file: piece.name,
    line: lineAt(piece, offset),
  });
  const nul = bytes.indexOf(0);
  if (nul !== -1)
    throw refusal({
      ...place(nul),
      message: 'a NUL byte: binary, or UTF-16',
      remedy: 'save the text as UTF-8',
    });
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw refusal({
      ...place(firstInvalid(bytes)),
      message: 'a byte that is not UTF-8, as in Latin-1',
      remedy: 'save the text as UTF-8',
    });
  }
};
