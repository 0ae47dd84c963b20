import { refusal } from '../problem.ts';
import { needBase64 } from './base64.ts';
import type { Budget, Piece } from './piece.ts';
import { spend } from './spend.ts';

/** RFC 2045, section 6.7: `=3D`, and `=` at the end of a line that goes on. */
const decodeQuotedPrintable = (latin1: string): Buffer =>
  Buffer.from(
    latin1
      .replace(/=[ \t]*\r?\n/g, '')
      .replace(/=([0-9A-Fa-f]{2})/g, (_all, hex: string) =>
        String.fromCharCode(Number.parseInt(hex, 16)),
      ),
    'latin1',
  );

const damaged = (piece: Piece, message: string, remedy: string) =>
  refusal({
    code: 'mime-damaged',
    file: piece.name,
    line: 1 + piece.lineOffset,
    message,
    remedy,
  });

const isAsItIs = (encoding: string): boolean => ['7bit', '8bit', 'binary', ''].includes(encoding);

/**
 * Undoes a content-transfer-encoding. The lines of an encoded part are its own, and are counted from
 * its beginning.
 */
export const decodeTransfer = (
  part: Piece,
  encoding: string,
  number: number,
  budget: Budget,
): Piece => {
  if (isAsItIs(encoding)) return part;
  const latin1 = part.bytes.toString('latin1');
  const decoded = { ...part, name: `${part.name} (part ${number})`, lineOffset: 0 };
  if (encoding === 'base64') return { ...decoded, bytes: needBase64(latin1, part, budget) };
  if (encoding === 'quoted-printable')
    return { ...decoded, bytes: spend(budget, decodeQuotedPrintable(latin1), part) };
  throw damaged(
    part,
    `the content-transfer-encoding ${JSON.stringify(encoding.slice(0, 40))} is not known`,
    'base64, quoted-printable, 7bit, 8bit or binary',
  );
};

const LATIN_1 = ['iso-8859-1', 'latin1', 'latin-1', 'windows-1252'];
const UTF_8 = ['', 'utf-8', 'utf8', 'us-ascii', 'ascii'];

/** A part in its declared character set → UTF-8. */
export const decodeCharset = (part: Piece, charset: string, budget: Budget): Piece => {
  const name = charset.toLowerCase();
  if (UTF_8.includes(name)) return part;
  if (LATIN_1.includes(name))
    return {
      ...part,
      bytes: spend(budget, Buffer.from(new TextDecoder('latin1').decode(part.bytes)), part),
    };
  throw damaged(
    part,
    `the character set ${JSON.stringify(charset.slice(0, 40))} is not known`,
    'utf-8',
  );
};
