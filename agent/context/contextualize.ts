import { isPilotageError } from '../../platform/errors.ts';
import type { Files } from '../../platform/files.ts';
import { isIdKnown, type MachineId } from '../machine.ts';
import { PATHS } from '../paths.ts';
import { applySteps, type StepResult, undoOthers } from './apply.ts';
import { type Facts, readFacts } from './facts.ts';
import { findContextTexts } from './find-context-texts.ts';
import { lifelineTextOf } from './lifeline-text.ts';
import { loadLifelineText } from './load.ts';
import { needPilots, noticesOf } from './notices.ts';
import { type ParsedContext, parseContext, parseLifeline } from './parse.ts';
import { planContext } from './plan.ts';
import { writeLifeline, writeResolved } from './resolved.ts';
import type { ContextText } from './source-file.ts';
import { type LearnPorts, learn } from './sources/learn.ts';
import { redactStep, type Step } from './step.ts';
import type { StepPorts } from './steps/ports.ts';

export type ContextualizePorts = StepPorts;

/** The plan as people and scripts see it: no secret in it. */
export interface ShownPlan {
  instanceId: string;
  hostname: string;
  cores: number;
  memoryMb: number;
  steps: Step[];
  /** What is not done though the context speaks of it. */
  notices: string[];
}

const show = (facts: Facts, parsed: ParsedContext, steps: readonly Step[]): ShownPlan => ({
  instanceId: facts.instanceId,
  hostname: facts.hostname,
  cores: facts.cores,
  memoryMb: facts.memoryMb,
  steps: steps.map(redactStep),
  notices: noticesOf(parsed),
});

/** What would be done. Nothing is written. */
export const dryRun = async (
  files: Files,
  machineId: MachineId,
  texts: readonly ContextText[],
): Promise<ShownPlan> => {
  const parsed = parseContext(texts);
  needPilots(parsed);
  const { context } = parsed;
  const facts = await readFacts(machineId, { files, cvmfsCache: context.cvmfs?.cache });
  return show(facts, parsed, planContext(context, facts));
};

/** Prepares the VM, and leaves the resolved context for the agent that keeps running. */
export const contextualize = async (
  ports: ContextualizePorts,
  machineId: MachineId,
  texts: readonly ContextText[],
): Promise<{ plan: ShownPlan; results: StepResult[] }> => {
  const { files } = ports;
  const parsed = parseContext(texts);
  needPilots(parsed);
  const { context, merged } = parsed;
  const facts = await readFacts(machineId, { files, cvmfsCache: context.cvmfs?.cache });
  const steps = planContext(context, facts);
  await files.makeDirectory(PATHS.run, { mode: 0o755 });
  const results = await applySteps(steps, machineId, ports);
  await writeResolved(files, merged, facts);
  return { plan: show(facts, parsed, steps), results };
};

/** Takes back all that contextualization did, as before a VM's disk becomes an image. */
export const undoAll = async (
  ports: ContextualizePorts,
  machineId: MachineId,
): Promise<StepResult[]> => {
  const results = await undoOthers([], machineId, ports);
  await ports.files.remove(PATHS.resolvedContext);
  return results;
};

/** The lifeline's own file, or else what the cloud's user-data says of it. */
const findLifelineText = async (
  ports: LearnPorts,
  bootId: string,
  signal: AbortSignal,
): Promise<ContextText | undefined> => {
  const { files } = ports;
  const text = await loadLifelineText(files);
  if (text !== undefined) {
    // Whoever enrols needs a name; where cloud-init left one, the cloud is not waited for.
    if (!(await isIdKnown(files)))
      await learn(ports, { bootId, mayWrite: true, needsUserData: false }, signal);
    return text;
  }
  try {
    return lifelineTextOf(await findContextTexts(ports, { bootId, mayWrite: true }, signal));
  } catch (error) {
    if (isPilotageError(error) && error.code === 'context-missing') return undefined;
    throw error;
  }
};

/** Reads the receiver's address and trust by themselves; a VM without them has no lifeline. */
export const resolveLifeline = async (
  ports: LearnPorts,
  bootId: string,
  signal: AbortSignal,
): Promise<void> => {
  const { files } = ports;
  const text = await findLifelineText(ports, bootId, signal);
  await files.makeDirectory(PATHS.run, { mode: 0o755 });
  await writeLifeline(files, text === undefined ? { version: 1 } : parseLifeline(text).merged);
};
