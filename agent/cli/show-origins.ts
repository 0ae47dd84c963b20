import { Document, isCollection, isMap, isNode, isScalar } from 'yaml';
import type { Json } from '../context/merge.ts';
import type { ParsedContext } from '../context/parse.ts';

/** YAML in which each value says which file decided it, and on which line. */
export const withOrigins = (shown: Json, placeOf: ParsedContext['placeOf']): string => {
  const document = new Document(shown);
  const annotate = (node: unknown, path: readonly PropertyKey[]): void => {
    if (isMap(node) && node.items.length > 0) {
      for (const { key, value } of node.items)
        annotate(value, [...path, String(isScalar(key) ? key.value : key)]);
      return;
    }
    if (!isNode(node)) return;
    const { file, line } = placeOf(path);
    const place = ` ${file}:${line}`.replace(/\p{Cc}/gu, ' ');
    if (isCollection(node) && node.items.length > 0) node.commentBefore = place;
    else node.comment = place;
  };
  annotate(document.contents, []);
  return document.toString({ lineWidth: 0 });
};
