import { Document, type ErrorCode, isScalar, LineCounter, parseDocument, visit } from 'yaml';
import type { Problem } from './problem.ts';

/** What is wrong with a text as YAML; lines from 1 within that text. */
export type YamlFault = Pick<Problem, 'code' | 'line' | 'message' | 'remedy'>;

export interface ParsedYaml {
  document: Document;
  lines: LineCounter;
  fault?: YamlFault;
}

const REMEDIES: Partial<Record<ErrorCode, string>> = {
  TAB_AS_INDENT: 'indent with spaces',
  BAD_INDENT: 'line the keys of one object up below each other',
};

export const LEVELS = 64;
export const TOO_DEEP: YamlFault = {
  code: 'nested-too-deeply',
  line: 1,
  message: 'nested too deeply',
  remedy: `at most ${LEVELS} levels`,
};

/** Far beyond any bound of ours, and what the library needs 100 MB to find out. */
const OPEN_BRACKETS = 1000;

/** True for a text of nothing but openings, in or out of quotes. */
const opensWithoutEnd = (text: string): boolean => {
  let open = 0;
  for (let at = 0; at < text.length && open <= OPEN_BRACKETS; at += 1) {
    const character = text[at];
    if (character === '[' || character === '{') open += 1;
    else if (open > 0 && (character === ']' || character === '}')) open -= 1;
  }
  return open > OPEN_BRACKETS || /^[ \t]*(?:[-?:][ \t]+){1000}/m.test(text);
};

/** Where a key stands that its map has already. The library's own check takes the square of their number. */
const firstDuplicate = (document: Document): number | undefined => {
  let found: number | undefined;
  visit(document, {
    Map: (_key, map) => {
      const seen = new Set<unknown>();
      for (const { key } of map.items) {
        if (!isScalar(key)) continue;
        if (seen.has(key.value)) {
          found = key.range?.[0] ?? 0;
          return visit.BREAK;
        }
        seen.add(key.value);
      }
      return undefined;
    },
  });
  return found;
};

const faultOf = (document: Document, lines: LineCounter): YamlFault | undefined => {
  // The library runs out of stack, says so, and goes on with what it has.
  if (document.errors.some(({ code }) => code === 'RESOURCE_EXHAUSTION')) return TOO_DEEP;
  const [error] = document.errors;
  if (error !== undefined)
    return {
      code: 'not-yaml',
      line: lines.linePos(error.pos[0]).line,
      message: `not YAML: ${error.message}`,
      remedy:
        REMEDIES[error.code] ??
        'write it as YAML or JSON; a text with special characters goes in quotes',
    };
  const duplicate = firstDuplicate(document);
  if (duplicate === undefined) return undefined;
  return {
    code: 'not-yaml',
    line: lines.linePos(duplicate).line,
    message: 'not YAML: Map keys must be unique',
    remedy: 'keep one of them',
  };
};

/** YAML 1.2, of which JSON is a part, in time that grows with the text and no faster. */
export const parseYaml = (text: string): ParsedYaml => {
  const lines = new LineCounter();
  if (opensWithoutEnd(text)) return { document: new Document(), lines, fault: TOO_DEEP };
  const document = parseDocument(text, {
    lineCounter: lines,
    uniqueKeys: false,
    prettyErrors: false,
    stringKeys: true,
  });
  const fault = faultOf(document, lines);
  return fault === undefined ? { document, lines } : { document, lines, fault };
};
