import { isMap, isSeq } from 'yaml';
import { PATHS } from '../../paths.ts';
import { refusal } from '../problem.ts';
import { CONTEXT_LIMITS, isContextFile } from '../source-file.ts';
import { parseYaml } from '../yaml-document.ts';
import { native } from './native.ts';
import type { Budget, Format, Piece, Reading } from './piece.ts';
import { textOf } from './text.ts';
import { type CloudConfigSource, readWrittenFile, type WrittenFile } from './write-files.ts';

/** Where cloud-init would put a context, and the agent would look for it. */
const isOurs = (path: string): boolean =>
  path.startsWith(`${PATHS.context}/`) && isContextFile(path.slice(PATHS.context.length + 1));

const parsePiece = (piece: Piece): CloudConfigSource => {
  const text = textOf(piece);
  if (Buffer.byteLength(text) > CONTEXT_LIMITS.fileBytes)
    throw refusal({
      code: 'too-large',
      file: piece.name,
      line: 1 + piece.lineOffset,
      message: 'too large',
      remedy: `at most ${CONTEXT_LIMITS.fileBytes / 1024} KiB a file`,
    });
  const { document, lines, fault } = parseYaml(text);
  if (fault === undefined) return { piece, document, lines };
  throw refusal({
    ...fault,
    file: piece.name,
    line: fault.line + piece.lineOffset,
  });
};

/** As cloud-init does: what is written to the same path replaces what was there, or is appended. */
const settle = (files: readonly WrittenFile[]): WrittenFile[] => {
  const byPath = new Map<string, WrittenFile>();
  for (const file of files) {
    const before = file.append ? byPath.get(file.path) : undefined;
    if (before === undefined) byPath.set(file.path, file);
    else {
      const bytes = Buffer.concat([before.content.bytes, file.content.bytes]);
      byPath.set(file.path, { ...before, content: { ...before.content, bytes } });
    }
  }
  return [...byPath.values()].sort((a, b) => (a.path < b.path ? -1 : 1));
};

const unwrap = (piece: Piece, budget: Budget): Reading[] => {
  const source = parsePiece(piece);
  const { contents } = source.document;
  const list = isMap(contents) ? contents.get('write_files') : undefined;
  if (!isSeq(list)) return [];
  const found = list.items.filter(isMap).flatMap(item => {
    const file = readWrittenFile(item, source, isOurs, budget);
    return file === undefined ? [] : [file];
  });
  return settle(found).flatMap(({ content }) => native.read(content, budget));
};

/** `#cloud-config`: the context is what its write_files would leave for the agent. */
export const cloudConfig: Format = {
  name: 'cloud-config',
  recognises: (latin1, { mediaType }) =>
    mediaType === 'text/cloud-config' || /^#cloud-config\s*(?:\n|$)/.test(latin1),
  read: unwrap,
};
