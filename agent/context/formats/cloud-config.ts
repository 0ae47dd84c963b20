import { isMap, isScalar, isSeq } from 'yaml';
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

const MERGE_KEYS = ['merge_how', 'merge_type'];

/**
 * Of several cloud-configs, cloud-init keeps the last one's write_files alone unless it is told to merge
 * them: a context in an earlier one would never be written.
 */
const refuseOverwriting = ({ piece, document, lines }: CloudConfigSource): void => {
  const { contents } = document;
  if (piece.merges === true || !isMap(contents) || MERGE_KEYS.some(key => contents.has(key)))
    return;
  const place = contents.items.find(({ key }) => isScalar(key) && key.value === 'write_files');
  const at = isScalar(place?.key) ? (place.key.range?.[0] ?? 0) : 0;
  throw refusal({
    code: 'overwritten',
    file: piece.name,
    line: lines.linePos(at).line + piece.lineOffset,
    key: 'write_files',
    message: 'it replaces those of an earlier cloud-config, which hold a context',
    remedy: 'one cloud-config, or merge_how: list(append)+dict(recurse_array)+str() in this one',
  });
};

const unwrap = (piece: Piece, budget: Budget): Reading[] => {
  const source = parsePiece(piece);
  const { contents } = source.document;
  const list = isMap(contents) ? contents.get('write_files') : undefined;
  if (!isSeq(list)) return [];
  if (budget.hasWritten) refuseOverwriting(source);
  const found = list.items.filter(isMap).flatMap(item => {
    const file = readWrittenFile(item, source, isOurs, budget);
    return file === undefined ? [] : [file];
  });
  if (found.length > 0) budget.hasWritten = true;
  return settle(found).flatMap(({ content }) => native.read(content, budget));
};

/** `#cloud-config`: the context is what its write_files would leave for the agent. */
export const cloudConfig: Format = {
  name: 'cloud-config',
  recognises: (latin1, { mediaType }) =>
    mediaType === 'text/cloud-config' || /^#cloud-config\s*(?:\n|$)/.test(latin1),
  read: unwrap,
};
