import { PilotageError } from '../../platform/errors.ts';

/** One thing that is wrong with a context, where it stands, and what would be right. */
export interface Problem {
  file: string;
  /** From 1; 0 where the place is the file as a whole. */
  line: number;
  /** Dotted path, e.g. `pilots.slots`; empty for the file as a whole. */
  key: string;
  message: string;
  remedy: string;
}

/** `site.yaml:12: pilots.slots: not understood; remedy: one of …` */
export const describeProblem = ({ file, line, key, message, remedy }: Problem): string =>
  [
    `${file}${line > 0 ? `:${line}` : ''}`,
    ...(key === '' ? [] : [key]),
    `${message}; remedy: ${remedy}`,
  ].join(': ');

/** All problems at once, one a line. */
export const contextInvalid = (problems: readonly Problem[]): PilotageError =>
  new PilotageError('context-invalid', problems.map(describeProblem).join('\n'), { problems });
