import { PilotageError } from '../../platform/errors.ts';

/** Every way in which a context is refused, with what it means. Programs branch on these. */
export const PROBLEM_CODES = {
  empty: 'there is nothing in it',
  'too-large': 'it, or what it unpacks to, is larger than its bound',
  'too-many': 'it has more files or parts than its bound',
  'wrapped-too-deeply': 'it is packed in itself more often than its bound',
  'not-text': 'it is no UTF-8 text: a NUL byte, Latin-1 or something binary',
  'gzip-damaged': 'compressed data that does not unpack: cut off, or changed',
  'base64-damaged': 'base64 that does not decode',
  'mime-damaged': 'a MIME message without its boundaries, or in an unknown encoding',
  'macro-left': 'a template in which a macro was not filled in',
  amiconfig: 'user-data of CernVM, which has to be converted',
  script: 'a program, where a context was expected',
  'cloud-init-only': 'a form that cloud-init alone can resolve',
  overwritten: 'a later part of it makes cloud-init drop this one',
  'no-context': 'it can be read, and holds no context',
  'glideinwms-damaged': 'user-data of glideinWMS with a piece missing or damaged',
  'not-yaml': 'neither YAML nor JSON',
  'yaml-unusable': 'YAML whose aliases cannot be resolved within their bound',
  'not-an-object': 'a list or a plain value, where keys and values were expected',
  'nested-too-deeply': 'more levels of keys than the bound',
  'missing-key': 'a key that has to be there is not',
  'unknown-key': 'a key that means nothing',
  'wrong-value': 'a value that its key does not take',
  'wrong-reference': 'a reference to a fact of the VM that cannot be resolved',
  'include-failed': 'a file or address that it includes cannot be had, or may not be included',
  'does-not-fit': 'it asks for more than this machine has',
} as const;
export type ProblemCode = keyof typeof PROBLEM_CODES;

/** One thing that is wrong with a context, where it stands, and what would be right. */
export interface Problem {
  code: ProblemCode;
  file: string;
  /** From 1; 1 too where it is the text as a whole, 0 where it is a folder. */
  line: number;
  /** Dotted path, e.g. `pilots.slots`; empty for the file as a whole. */
  key: string;
  message: string;
  remedy: string;
}

const PART_CHARACTERS = 300;

/** On one line, whatever was in it: the input may hold anything, also what a terminal would act on. */
const oneLine = (text: string): string =>
  text
    .slice(0, PART_CHARACTERS)
    .replace(
      /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/gu,
      found => `\\u{${found.codePointAt(0)?.toString(16)}}`,
    );

/** `site.yaml:12: pilots.slots: not understood; remedy: one of …` */
export const describeProblem = ({ file, line, key, message, remedy }: Problem): string =>
  [
    `${oneLine(file)}${line > 0 ? `:${line}` : ''}`,
    ...(key === '' ? [] : [oneLine(key)]),
    `${oneLine(message)}; remedy: ${oneLine(remedy)}`,
  ].join(': ');

/** All problems at once, one a line. */
export const contextInvalid = (problems: readonly Problem[]): PilotageError =>
  new PilotageError('context-invalid', problems.map(describeProblem).join('\n'), { problems });

/** A single problem; it is the text as a whole unless told otherwise. */
export const refusal = (
  problem: Omit<Problem, 'line' | 'key'> & Partial<Pick<Problem, 'line' | 'key'>>,
): PilotageError => contextInvalid([{ line: 1, key: '', ...problem }]);
