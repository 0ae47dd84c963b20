import { isDeepStrictEqual } from 'node:util';
import * as v from 'valibot';
import { readUserData } from '../../../agent/context/formats/read-user-data.ts';
import { targetsOf } from '../../../agent/context/includes/target.ts';
import { needPilots } from '../../../agent/context/notices.ts';
import { needSlots } from '../../../agent/context/packing.ts';
import { parseContext } from '../../../agent/context/parse.ts';
import { planContext } from '../../../agent/context/plan.ts';
import { describeProblem, PROBLEM_CODES, type Problem } from '../../../agent/context/problem.ts';
import { redactContext } from '../../../agent/context/redact.ts';
import { Context } from '../../../agent/context/schema.ts';
import { STAND_INS } from '../../../agent/context/vm-facts.ts';
import { isPilotageError } from '../../../platform/errors.ts';
import type { Verdict } from '../input-fuzzer.ts';
import { PLAN_FACTS, VAST } from './plan-facts.ts';

/** Every refusal names its place and a remedy, on one line that no terminal acts on. */
const needPlace = (problem: Problem): void => {
  const line = describeProblem(problem);
  const isWhole =
    Object.hasOwn(PROBLEM_CODES, problem.code) &&
    problem.file.startsWith('input') &&
    problem.line >= 1 &&
    problem.message !== '' &&
    problem.remedy !== '';
  if (!isWhole || /\p{Cc}/u.test(line)) throw new Error(`a refusal without its place: ${line}`);
};

/**
 * What is accepted says the same once it is handed over as JSON, as the agent that keeps running gets
 * it; it can be planned, and shown.
 */
const needUse = ({ merged, context }: ReturnType<typeof parseContext>): void => {
  const again = v.parse(Context, JSON.parse(JSON.stringify(merged)));
  if (!isDeepStrictEqual(again, context)) throw new Error('it is another when read again');
  for (const facts of PLAN_FACTS) planContext(context, facts);
  redactContext(merged);
};

/** As user-data comes: from no file. */
const ORIGIN = { folder: undefined, allowed: ['/etc/pilotage'] };

/** User-data → accepted, or the codes of its refusal; anything else is thrown. */
export const judgeContext = (input: Buffer): Verdict => {
  try {
    const texts = readUserData('input', input);
    for (const text of texts) targetsOf(text, ORIGIN, STAND_INS);
    const parsed = parseContext(texts, STAND_INS);
    needUse(parsed);
    needPilots(parsed);
    needSlots(parsed, VAST);
    return { accepted: true, codes: [] };
  } catch (error) {
    if (!isPilotageError(error) || error.code !== 'context-invalid') throw error;
    const problems = error.context.problems as readonly Problem[];
    if (problems.length === 0) throw new Error('a refusal without a problem', { cause: error });
    problems.forEach(needPlace);
    return { accepted: false, codes: problems.map(({ code }) => code) };
  }
};
