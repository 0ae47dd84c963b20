import type { MachineId } from '../machine.ts';
import { PATHS } from '../paths.ts';
import { applySteps, type StepResult, undoOthers } from './apply.ts';
import { type Facts, readFacts } from './facts.ts';
import type { FoundContext } from './find-context.ts';
import { needPilots, noticesOf } from './notices.ts';
import { type ParsedContext, parseContext } from './parse.ts';
import { planContext } from './plan.ts';
import { writeResolved } from './resolved.ts';
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
  { files, disks }: Pick<StepPorts, 'files' | 'disks'>,
  { machine, texts, facts: vmFacts }: FoundContext,
): Promise<ShownPlan> => {
  const parsed = parseContext(texts, vmFacts);
  needPilots(parsed);
  const { context } = parsed;
  const facts = await readFacts(machine, { files, disks, context });
  return show(facts, parsed, planContext(context, facts));
};

/** Prepares the VM, and leaves the resolved context for the agent that keeps running. */
export const contextualize = async (
  ports: ContextualizePorts,
  { machine, texts, facts: vmFacts }: FoundContext,
): Promise<{ plan: ShownPlan; results: StepResult[] }> => {
  const { files } = ports;
  const parsed = parseContext(texts, vmFacts);
  needPilots(parsed);
  const { context, merged } = parsed;
  const facts = await readFacts(machine, { files, disks: ports.disks, context });
  const steps = planContext(context, facts);
  await files.makeDirectory(PATHS.run, { mode: 0o755 });
  const results = await applySteps(steps, machine, ports);
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
