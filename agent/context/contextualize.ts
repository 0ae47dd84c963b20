import type { Clock } from '../../platform/clock.ts';
import type { Files } from '../../platform/files.ts';
import type { Log } from '../../platform/log.ts';
import type { MachineId } from '../machine.ts';
import { PATHS } from '../paths.ts';
import { applySteps, type StepResult } from './apply.ts';
import { type Facts, readFacts } from './facts.ts';
import { loadContextTexts, loadGivenContext, loadLifelineText } from './load.ts';
import { needPilots, noticesOf } from './notices.ts';
import { type ParsedContext, parseContext, parseLifeline } from './parse.ts';
import { planContext } from './plan.ts';
import { writeLifeline, writeResolved } from './resolved.ts';
import { redactStep, type Step } from './step.ts';
import type { StepPorts } from './steps/ports.ts';

export type ContextualizePorts = StepPorts & { clock: Clock; log: Log };

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

/**
 * What would be done. Nothing is written.
 * @param given a file to take instead of the machine's own context, with the files it lies in
 */
export const dryRun = async (
  files: Files,
  machineId: MachineId,
  given?: { files: Files; path: string },
): Promise<ShownPlan> => {
  const texts =
    given === undefined
      ? await loadContextTexts(files, false)
      : await loadGivenContext(given.files, given.path);
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
  given?: { files: Files; path: string },
): Promise<{ plan: ShownPlan; results: StepResult[] }> => {
  const { files } = ports;
  const texts =
    given === undefined
      ? await loadContextTexts(files)
      : await loadGivenContext(given.files, given.path);
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

/** Reads the receiver's address and trust by themselves; a VM without them has no lifeline. */
export const resolveLifeline = async (files: Files): Promise<void> => {
  const text = await loadLifelineText(files);
  await files.makeDirectory(PATHS.run, { mode: 0o755 });
  await writeLifeline(files, text === undefined ? { version: 1 } : parseLifeline(text).merged);
};
