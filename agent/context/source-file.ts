import { isNode } from 'yaml';
import { messageOf } from '../../platform/errors.ts';
import { isJsonObject, type Json } from './merge.ts';
import type { Problem } from './problem.ts';
import { LEVELS, parseYaml, TOO_DEEP, type YamlFault } from './yaml-document.ts';

/** A file as it was found: its name for messages, its text, and the lines before it if it was wrapped. */
export interface ContextText {
  name: string;
  text: string;
  lineOffset?: number;
}

/** One parsed file, and a way back from a key to its line. */
export interface SourceFile {
  name: string;
  data: Json;
  /** The line of a key, or of the nearest thing around it that stands in this file. */
  lineOf(path: readonly PropertyKey[]): number;
  /** True if this very key stands in this file. */
  has(path: readonly PropertyKey[]): boolean;
}

export const CONTEXT_LIMITS = { fileBytes: 256 * 1024, files: 64, aliases: 50 } as const;

/** A name that the agent takes for a context in its folders; hidden files and others are not read. */
export const isContextFile = (name: string): boolean =>
  /^[^./][^/]*\.(?:yaml|yml|json)$/.test(name);

/** True if there are more levels of lists and objects than the bound. */
const isDeeper = (value: unknown, levels: number): boolean => {
  if (typeof value !== 'object' || value === null) return false;
  return levels === 0 || Object.values(value).some(inner => isDeeper(inner, levels - 1));
};

/** YAML 1.2 (JSON is a part of it) → data, or what is wrong with it. */
export const parseSourceFile = ({
  name,
  text,
  lineOffset = 0,
}: ContextText): SourceFile | Problem => {
  const problem = ({ line, ...fault }: YamlFault): Problem => ({
    ...fault,
    file: name,
    line: line + lineOffset,
    key: '',
  });
  if (Buffer.byteLength(text) > CONTEXT_LIMITS.fileBytes)
    return problem({
      code: 'too-large',
      line: 1,
      message: 'too large',
      remedy: `at most ${CONTEXT_LIMITS.fileBytes / 1024} KiB a file`,
    });
  const { document, lines, fault } = parseYaml(text);
  if (fault !== undefined) return problem(fault);
  const lineAt = (offset: number): number => lines.linePos(offset).line;
  let data: Json;
  try {
    data = document.toJS({ maxAliasCount: CONTEXT_LIMITS.aliases }) as Json;
  } catch (error) {
    if (error instanceof RangeError) return problem(TOO_DEEP);
    return problem({
      code: 'yaml-unusable',
      line: 1,
      message: `not usable YAML: ${messageOf(error)}`,
      remedy: 'use fewer aliases',
    });
  }
  if (!isJsonObject(data))
    return problem({
      code: 'not-an-object',
      line: 1,
      message: 'not an object of keys and values',
      remedy: 'begin with version: 1',
    });
  if (isDeeper(data, LEVELS)) return problem(TOO_DEEP);

  const nodeAt = (path: readonly PropertyKey[]): number | undefined => {
    const node = path.length === 0 ? document.contents : document.getIn(path, true);
    return isNode(node) && node.range ? lineAt(node.range[0]) : undefined;
  };
  return {
    name,
    data,
    has: path => document.hasIn(path),
    lineOf: path => {
      for (let length = path.length; length >= 0; length -= 1) {
        const line = nodeAt(path.slice(0, length));
        if (line !== undefined) return line + lineOffset;
      }
      return 1 + lineOffset;
    },
  };
};
