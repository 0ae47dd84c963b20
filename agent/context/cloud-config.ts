import { isMap, isScalar, isSeq, LineCounter, parseDocument } from 'yaml';
import { PATHS } from '../paths.ts';
import type { ContextText } from './source-file.ts';

/** True for user-data that cloud-init would read as cloud-config. */
export const isCloudConfig = (text: string): boolean => /^#cloud-config\s*(?:\n|$)/.test(text);

/**
 * The context files that a cloud-config would write, in the order in which the agent would read them.
 * Only plain text is unwrapped: that is what our templates write.
 */
export const unwrapCloudConfig = ({ name, text }: ContextText): ContextText[] => {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false });
  const files = document.get('write_files');
  if (!isSeq(files)) return [];
  const unwrapped = files.items.flatMap(item => {
    if (!isMap(item)) return [];
    const path = item.get('path');
    const content = item.get('content', true);
    if (typeof path !== 'string' || !path.startsWith(`${PATHS.context}/`)) return [];
    if (!isScalar(content) || typeof content.value !== 'string') return [];
    // A block scalar's text begins on the line after its indicator.
    const isBlock = content.type === 'BLOCK_LITERAL' || content.type === 'BLOCK_FOLDED';
    const line = lines.linePos(content.range?.[0] ?? 0).line;
    return [{ path, text: content.value, lineOffset: isBlock ? line : line - 1 }];
  });
  return unwrapped
    .sort((a, b) => (a.path < b.path ? -1 : 1))
    .map(({ text: inner, lineOffset }) => ({ name, text: inner, lineOffset }));
};
