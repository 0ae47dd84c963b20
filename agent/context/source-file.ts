import { type ErrorCode, isNode, LineCounter, parseDocument, type YAMLError } from 'yaml';
import { isJsonObject, type Json } from './merge.ts';
import type { Problem, ProblemCode } from './problem.ts';

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

export const CONTEXT_LIMITS = { fileBytes: 256 * 1024, files: 64, aliases: 50, depth: 64 } as const;

/** A name that the agent takes for a context in its folders; hidden files and others are not read. */
export const isContextFile = (name: string): boolean =>
  /^[^./][^/]*\.(?:yaml|yml|json)$/.test(name);

const REMEDIES: Partial<Record<ErrorCode, string>> = {
  DUPLICATE_KEY: 'keep one of them',
  TAB_AS_INDENT: 'indent with spaces',
  BAD_INDENT: 'line the keys of one object up below each other',
};

const depthOf = (value: unknown, bound: number): number => {
  if (bound === 0 || typeof value !== 'object' || value === null) return 0;
  return 1 + Math.max(0, ...Object.values(value).map(inner => depthOf(inner, bound - 1)));
};

/** YAML 1.2 (JSON is a part of it) → data, or what is wrong with it. */
export const parseSourceFile = ({
  name,
  text,
  lineOffset = 0,
}: ContextText): SourceFile | Problem => {
  const problem = (code: ProblemCode, line: number, message: string, remedy: string): Problem => ({
    code,
    file: name,
    line: line === 0 ? 0 : line + lineOffset,
    key: '',
    message,
    remedy,
  });
  if (Buffer.byteLength(text) > CONTEXT_LIMITS.fileBytes)
    return problem(
      'too-large',
      0,
      'too large',
      `at most ${CONTEXT_LIMITS.fileBytes / 1024} KiB a file`,
    );
  const lines = new LineCounter();
  const document = parseDocument(text, {
    lineCounter: lines,
    uniqueKeys: true,
    prettyErrors: false,
    stringKeys: true,
  });
  const lineAt = (offset: number): number => lines.linePos(offset).line;
  const firstError: YAMLError | undefined = document.errors[0];
  if (firstError !== undefined) {
    const remedy =
      REMEDIES[firstError.code] ??
      'write it as YAML or JSON; a text with special characters goes in quotes';
    return problem(
      'not-yaml',
      lineAt(firstError.pos[0]),
      `not YAML: ${firstError.message}`,
      remedy,
    );
  }
  let data: Json;
  try {
    data = document.toJS({ maxAliasCount: CONTEXT_LIMITS.aliases }) as Json;
  } catch (error) {
    return problem(
      'yaml-unusable',
      0,
      `not usable YAML: ${error instanceof Error ? error.message : String(error)}`,
      'use fewer aliases',
    );
  }
  if (!isJsonObject(data))
    return problem('not-an-object', 1, 'not an object of keys and values', 'begin with version: 1');
  if (depthOf(data, CONTEXT_LIMITS.depth) >= CONTEXT_LIMITS.depth)
    return problem(
      'nested-too-deeply',
      0,
      'nested too deeply',
      `at most ${CONTEXT_LIMITS.depth} levels`,
    );

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
