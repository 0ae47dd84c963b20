import { refusal } from '../problem.ts';
import type { ContextText } from '../source-file.ts';
import { base64 } from './base64.ts';
import { cloudConfig } from './cloud-config.ts';
import { amiconfig, cloudInitOnly, script, vacTemplate } from './foreign.ts';
import { glideinwms } from './glideinwms.ts';
import { gzip } from './gzip.ts';
import { mime, PARTS } from './mime.ts';
import { native } from './native.ts';
import type { Budget, Format, Piece } from './piece.ts';
import { UNPACKED_BYTES } from './spend.ts';
import { withoutByteOrderMark } from './text.ts';

/** Every form of user-data that is known, in the order in which they are asked; the last takes all. */
export const FORMATS: readonly Format[] = [
  gzip,
  vacTemplate,
  mime,
  amiconfig,
  cloudConfig,
  cloudInitOnly,
  script,
  glideinwms,
  base64,
  native,
];

export const USER_DATA_LIMITS = { bytes: 1024 * 1024, depth: 8 } as const;

const empty = (name: string) =>
  refusal({ code: 'empty', file: name, message: 'empty', remedy: 'begin with version: 1' });

const readPiece = (piece: Piece, depth: number, budget: Budget): ContextText[] => {
  if (depth > USER_DATA_LIMITS.depth)
    throw refusal({
      code: 'wrapped-too-deeply',
      file: piece.name,
      line: 1 + piece.lineOffset,
      message: 'packed in itself too often',
      remedy: `at most ${USER_DATA_LIMITS.depth} layers of gzip, base64 and MIME`,
    });
  const bytes = withoutByteOrderMark(piece.bytes);
  const latin1 = bytes.toString('latin1');
  if (latin1.trim() === '') {
    if (piece.isPart) return [];
    throw empty(piece.name);
  }
  const format = FORMATS.find(({ recognises }) => recognises(latin1, piece)) ?? native;
  return format
    .read({ ...piece, bytes }, budget)
    .flatMap(read =>
      'context' in read ? [read.context] : readPiece(read.piece, depth + 1, budget),
    );
};

/**
 * User-data, however it is packed → the contexts in it, in the order in which they are merged. Bounded
 * in depth, parts and bytes, whatever the input. Nothing is read or run.
 * @param name for messages: the file, or the source
 * @throws context-invalid with file, line, key and remedy
 */
export const readUserData = (name: string, bytes: Buffer): ContextText[] => {
  if (bytes.length > USER_DATA_LIMITS.bytes)
    throw refusal({
      code: 'too-large',
      file: name,
      message: 'too large',
      remedy: `at most ${USER_DATA_LIMITS.bytes / 1024} KiB`,
    });
  const budget: Budget = { bytesLeft: UNPACKED_BYTES, partsLeft: PARTS, hasWritten: false };
  const contexts = readPiece({ name, bytes, lineOffset: 0, isPart: false }, 0, budget);
  if (contexts.length > 0) return contexts;
  throw refusal({
    code: 'no-context',
    file: name,
    message: 'it holds no context',
    remedy: 'let write_files of a #cloud-config put one into /etc/pilotage/context.d',
  });
};
