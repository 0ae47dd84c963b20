import { isPilotageError, PilotageError } from '../../platform/errors.ts';
import type { Learnt } from '../learnt.ts';
import { PATHS } from '../paths.ts';
import { readUserData } from './formats/read-user-data.ts';
import { loadContextTexts } from './load.ts';
import type { Problem, ProblemCode } from './problem.ts';
import { type ContextText, isContextFile } from './source-file.ts';
import { type LearnInput, type LearnPorts, learn } from './sources/learn.ts';

/** Verdicts on user-data that is meant for somebody else. */
const NOT_FOR_US: ReadonlySet<ProblemCode> = new Set([
  'empty',
  'no-context',
  'script',
  'cloud-init-only',
]);

const isForSomebodyElse = (error: unknown): boolean => {
  if (!isPilotageError(error) || error.code !== 'context-invalid') return false;
  const problems = error.context.problems as readonly Problem[];
  return problems.length > 0 && problems.every(({ code }) => NOT_FOR_US.has(code));
};

/** The image's own context; none is no failure as long as there is user-data. */
const loadImageTexts = async (
  { files }: LearnPorts,
  mayWrite: boolean,
): Promise<{ texts: ContextText[]; missing?: PilotageError }> => {
  try {
    return { texts: await loadContextTexts(files, mayWrite) };
  } catch (error) {
    if (!isPilotageError(error) || error.code !== 'context-missing') throw error;
    return { texts: [], missing: error };
  }
};

/** The texts of this VM's context, in the order in which they are merged, and what its cloud told. */
export interface MachineTexts {
  texts: ContextText[];
  cloud: Learnt['facts'];
}

/**
 * The image's, and then the files that lie in the VM or, where there are none, what the cloud's user-data
 * holds. Fails with `context-missing`, `context-invalid`, or as the source does that may have user-data
 * and does not answer.
 */
export const findMachineTexts = async (
  ports: LearnPorts,
  input: Omit<LearnInput, 'needsUserData'>,
  signal: AbortSignal,
): Promise<MachineTexts> => {
  const hasOwn = (await ports.files.list(PATHS.context)).some(isContextFile);
  const lesson = await learn(ports, { ...input, needsUserData: !hasOwn }, signal);
  const { userData, facts: cloud } = lesson;
  if (hasOwn) return { texts: await loadContextTexts(ports.files, input.mayWrite), cloud };
  const { texts, missing } = await loadImageTexts(ports, input.mayWrite);
  if (userData === undefined) {
    if (missing === undefined) return { texts, cloud };
    throw new PilotageError(
      'context-missing',
      `${missing.message}; no source of user-data has any either (see pilotage-agent source)`,
    );
  }
  try {
    const own = readUserData(`user-data of ${userData.from}`, userData.bytes);
    return { texts: [...texts, ...own], cloud };
  } catch (error) {
    if (texts.length === 0 || !isForSomebodyElse(error)) throw error;
    ports.log.info(
      { source: userData.from },
      'the user-data is not for us; the image has a context',
    );
    return { texts, cloud };
  }
};
