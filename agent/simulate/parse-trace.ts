import * as v from 'valibot';
import { PilotageError } from '../../platform/errors.ts';
import { explainIssue, pathOf } from '../context/explain-issue.ts';
import { type Json, withoutExtensions } from '../context/merge.ts';
import { describeProblem, type Problem } from '../context/problem.ts';
import { TRACE_LIMITS, type Trace, TraceHead, TraceLine } from './trace.ts';

/** So many problems are told at once. */
const PROBLEMS = 20;

type Parsed<T> = { value: T } | { problems: readonly Problem[] };

const wrong = (file: string, line: number, message: string, remedy: string): Problem => ({
  ...{ code: 'wrong-value', file, line, key: '', message, remedy },
});

/** One line of a given shape; keys that begin with `x-` are whoever's wrote it. */
const parseLine = <T>(
  schema: v.GenericSchema<unknown, T>,
  file: string,
  line: number,
  text: string,
): Parsed<T> => {
  const refused = (message: string, remedy: string): Parsed<T> => ({
    problems: [wrong(file, line, message, remedy)],
  });
  if (text.length > TRACE_LIMITS.lineChars)
    return refused('too long', `at most ${TRACE_LIMITS.lineChars} characters a line`);
  let data: Json;
  try {
    data = withoutExtensions(JSON.parse(text) as Json);
  } catch (error) {
    if (!(error instanceof SyntaxError || error instanceof RangeError)) throw error;
    return refused('no JSON', 'one JSON object a line, as pilotage-agent record writes them');
  }
  const result = v.safeParse(schema, data);
  if (result.success) return { value: result.output };
  return {
    problems: result.issues.map(issue => ({
      ...{ file, line, key: pathOf(issue).map(String).join('.') },
      ...explainIssue(schema, issue),
    })),
  };
};

const checkOrder = (file: string, lines: readonly [TraceLine, number][]): Problem[] =>
  lines.flatMap(([{ atMs }, line], index) => {
    const [before] = lines[index - 1] ?? [];
    return before === undefined || before.atMs <= atMs
      ? []
      : [
          {
            ...wrong(file, line, 'before the line above it', `from ${before.atMs} on`),
            key: 'atMs',
          },
        ];
  });

/**
 * A trace from its text.
 * @param file for errors
 * @throws trace-invalid with file, line, key and remedy of all that is wrong with it, up to a bound
 */
export const parseTrace = (file: string, text: string): Trace => {
  const problems: Problem[] = [];
  const lines: [TraceLine, number][] = [];
  let head: TraceHead | undefined;
  const take = <T>(parsed: Parsed<T>): T | undefined => {
    if ('value' in parsed) return parsed.value;
    problems.push(...parsed.problems);
    return undefined;
  };
  let line = 0;
  for (const each of text.split('\n')) {
    line += 1;
    if (each.trim() === '') continue;
    if (problems.length >= PROBLEMS) break;
    if (lines.length >= TRACE_LIMITS.lines) {
      problems.push(wrong(file, line, 'too many lines', `at most ${TRACE_LIMITS.lines}`));
      break;
    }
    if (head === undefined) {
      head = take(parseLine(TraceHead, file, line, each));
      if (head === undefined) break;
      continue;
    }
    const value = take(parseLine(TraceLine, file, line, each));
    if (value !== undefined) lines.push([value, line]);
  }
  if (problems.length === 0) problems.push(...checkOrder(file, lines));
  if (problems.length === 0 && lines.length === 0)
    problems.push(
      wrong(file, 1, 'nothing was seen in it', 'a first line {"trace":1}, then a line a change'),
    );
  if (head !== undefined && problems.length === 0)
    return { head, lines: lines.map(([value]) => value) };
  const told = problems.slice(0, PROBLEMS);
  throw new PilotageError('trace-invalid', told.map(describeProblem).join('\n'), {
    problems: told,
  });
};
