import {
  type Document,
  isAlias,
  isScalar,
  type LineCounter,
  type Scalar,
  type YAMLMap,
} from 'yaml';
import { refusal } from '../problem.ts';
import { needBase64 } from './base64.ts';
import { gunzip } from './gzip.ts';
import type { Budget, Piece } from './piece.ts';

/** One entry of write_files. */
export interface WrittenFile {
  path: string;
  /** At the end of what is there, instead of in its place. */
  append: boolean;
  content: Piece;
}

/** A cloud-config, parsed; its own first line is `piece.lineOffset` + 1. */
export interface CloudConfigSource {
  piece: Piece;
  document: Document;
  lines: LineCounter;
}

type Decode = (bytes: Buffer, place: Piece, budget: Budget) => Buffer;
const unBase64: Decode = (bytes, place, budget) =>
  needBase64(bytes.toString('latin1'), place, budget);
const both: Decode = (bytes, place, budget) =>
  gunzip(unBase64(bytes, place, budget), place, budget);

/** The encodings of cloud-init's write_files, under all their names. */
const ENCODINGS: Readonly<Record<string, Decode>> = {
  b64: unBase64,
  base64: unBase64,
  gz: gunzip,
  gzip: gunzip,
  'gz+b64': both,
  'gz+base64': both,
  'gzip+b64': both,
  'gzip+base64': both,
};
const PLAIN = 'text/plain';

/**
 * @param isWanted by its path; what is not is left alone, and is nothing
 * @throws context-invalid where a wanted content does not decode
 */
export const readWrittenFile = (
  item: YAMLMap,
  { piece, document, lines }: CloudConfigSource,
  isWanted: (path: string) => boolean,
  budget: Budget,
): WrittenFile | undefined => {
  const scalarOf = (key: string): Scalar | undefined => {
    const node: unknown = item.get(key, true);
    const found = isAlias(node) ? node.resolve(document) : node;
    return isScalar(found) ? found : undefined;
  };
  const path = scalarOf('path')?.value;
  if (typeof path !== 'string' || !isWanted(path)) return undefined;

  const lineOf = (node: Scalar | undefined): number =>
    lines.linePos(node?.range?.[0] ?? item.range?.[0] ?? 0).line + piece.lineOffset;
  const refuse = (key: string, remedy: string) =>
    refusal({
      code: 'wrong-value',
      file: piece.name,
      line: lineOf(scalarOf(key)),
      key: `write_files.${key}`,
      message: 'not understood',
      remedy,
    });
  const content = scalarOf('content');
  const value = content?.value;
  const isBinary = value instanceof Uint8Array;
  if (content === undefined || (typeof value !== 'string' && !isBinary))
    throw refuse('content', 'a text');
  const bytes = isBinary ? Buffer.from(value) : Buffer.from(String(value));
  const encoding = String(scalarOf('encoding')?.value ?? PLAIN).toLowerCase();
  const decode = Object.hasOwn(ENCODINGS, encoding) ? ENCODINGS[encoding] : undefined;
  if (decode === undefined && encoding !== PLAIN)
    throw refuse('encoding', [PLAIN, ...Object.keys(ENCODINGS)].join(', '));

  const append = scalarOf('append')?.value === true;
  if (decode !== undefined || isBinary) {
    // What was encoded has lines of its own, so the message names the file that it becomes.
    const name = `${piece.name} (${path.slice(path.lastIndexOf('/') + 1)})`;
    const place = { ...piece, name: piece.name, lineOffset: lineOf(content) - 1 };
    const decoded = decode === undefined ? bytes : decode(bytes, place, budget);
    return { path, append, content: { ...piece, name, bytes: decoded, lineOffset: 0 } };
  }
  // A block scalar's text begins on the line after its indicator.
  const isBlock = content.type === 'BLOCK_LITERAL' || content.type === 'BLOCK_FOLDED';
  const lineOffset = lineOf(content) - (isBlock ? 0 : 1);
  return { path, append, content: { ...piece, bytes, lineOffset } };
};
