import { Document, isMap, isSeq, parseDocument, Scalar, visit, YAMLSeq } from 'yaml';
import { PATHS } from '../../paths.ts';
import { isContextFile } from '../source-file.ts';
import type { ContextFile } from './context-file.ts';

const HEAD = '#cloud-config\n';

/** Of these characters YAML 1.1, which cloud-init reads, and 1.2 think the same: no control, no odd line break. */
const SAFE =
  /^[\t\n\x20-\x7e\u00a0-\u2027\u202a-\ud7ff\ue000-\ufefe\uff00-\ufffd\u{10000}-\u{10ffff}]*$/u;
/** One entry of write_files; readable where its characters allow it. */
const entryOf = ({ name, text }: ContextFile): Record<string, unknown> => {
  const place = { path: `${PATHS.context}/${name}`, permissions: '0600' };
  if (!SAFE.test(text))
    return { ...place, encoding: 'b64', content: Buffer.from(text).toString('base64') };
  const content = new Scalar(text);
  content.type = Scalar.BLOCK_LITERAL;
  return { ...place, content };
};

const isContextEntry = (item: unknown): boolean => {
  const path = isMap(item) ? item.get('path') : undefined;
  return (
    typeof path === 'string' &&
    path.startsWith(`${PATHS.context}/`) &&
    isContextFile(path.slice(PATHS.context.length + 1))
  );
};

/** True if a cloud-config does more than bring contexts. */
export const hasMore = (base: Document): boolean => {
  const { contents } = base;
  if (!isMap(contents)) return false;
  const list = contents.get('write_files');
  return (
    contents.items.length > (list === undefined ? 0 : 1) ||
    (isSeq(list) && !list.items.every(isContextEntry))
  );
};

/** A cloud-config as cloud-init reads it. Aliases are resolved, so that any part of it may go. */
export const parseBase = (text: string): Document => {
  const options = { version: '1.1', stringKeys: true } as const;
  const document = parseDocument(text.replace(/^\uFEFF?#cloud-config[^\n]*\n?/, ''), options);
  let hasAlias = false;
  visit(document, {
    Alias: () => {
      hasAlias = true;
      return visit.BREAK;
    },
  });
  return hasAlias ? new Document(document.toJS(), { version: '1.1' }) : document;
};

/**
 * `#cloud-config` whose write_files bring the context, closed to others.
 * @param base what else it does; the contexts in it are replaced. It is changed.
 */
export const renderCloudConfig = (
  files: readonly ContextFile[],
  base: Document = new Document({}, { version: '1.1' }),
): string => {
  if (!isMap(base.contents)) base.contents = base.createNode({}) as Document['contents'];
  const before = base.get('write_files');
  const kept = isSeq(before) ? before.items.filter(item => !isContextEntry(item)) : [];
  const list = isSeq(before) ? before : new YAMLSeq();
  list.items = [...files.map(file => base.createNode(entryOf(file))), ...kept];
  if (list.items.length > 0) base.set('write_files', list);
  else base.delete('write_files');
  return `${HEAD}${base.toString({ lineWidth: 0, singleQuote: true, flowCollectionPadding: false })}`;
};
