import type { Files } from '../../platform/files.ts';
import type { MachineId } from '../machine.ts';
import { PATHS } from '../paths.ts';
import { applySteps, type StepResult, undoOthers } from './apply.ts';
import { type FactSources, type Facts, readFacts } from './facts.ts';
import type { FoundContext } from './find-context.ts';
import { needPilots, noticesOf } from './notices.ts';
import { needSlots, type ShownPacking, showPacking } from './packing.ts';
import { type ParsedContext, parseContext } from './parse.ts';
import { planContext } from './plan.ts';
import { writeResolved } from './resolved.ts';
import { redactStep, type Step } from './step.ts';
import type { StepPorts } from './steps/ports.ts';

export type ContextualizePorts = StepPorts & { host: Files };

/** The plan as people and scripts see it: no secret in it. */
export interface ShownPlan {
  instanceId: string;
  hostname: string;
  cores: number;
  memoryMb: number;
  /** How pilots share the VM; absent without pilots. */
  packing?: ShownPacking;
  steps: Step[];
  /** What is not done though the context speaks of it. */
  notices: string[];
}

const show = (facts: Facts, parsed: ParsedContext, steps: readonly Step[]): ShownPlan => {
  const packing = showPacking(parsed.context, facts);
  return {
    instanceId: facts.instanceId,
    hostname: facts.hostname,
    cores: facts.cores,
    memoryMb: facts.memoryMb,
    ...(packing === undefined ? {} : { packing }),
    steps: steps.map(redactStep),
    notices: noticesOf(parsed),
  };
};

/** A context that was understood, and what follows from it on this VM. */
export interface Planned {
  parsed: ParsedContext;
  facts: Facts;
  steps: Step[];
}

/** What is done to this VM: the facts, and the steps that follow. Fails with `context-invalid`. */
export const planFor = async (
  sources: Omit<FactSources, 'context'>,
  { machine, texts, facts: vmFacts }: FoundContext,
): Promise<Planned> => {
  const parsed = parseContext(texts, vmFacts);
  needPilots(parsed);
  const { context } = parsed;
  const facts = await readFacts(machine, { ...sources, context });
  needSlots(parsed, facts);
  return { parsed, facts, steps: planContext(context, facts) };
};

/** What would be done. Nothing is written. */
export const dryRun = async (
  sources: Omit<FactSources, 'context'>,
  found: FoundContext,
): Promise<ShownPlan> => {
  const { parsed, facts, steps } = await planFor(sources, found);
  return show(facts, parsed, steps);
};

export interface Contextualized {
  plan: ShownPlan;
  results: StepResult[];
}

/** Does what was planned. Fails with `step-failed`. */
export const performPlan = async (
  ports: ContextualizePorts,
  { machine }: FoundContext,
  { parsed, facts, steps }: Planned,
): Promise<Contextualized> => {
  await ports.files.makeDirectory(PATHS.run, { mode: 0o755 });
  const results = await applySteps(steps, machine, ports);
  return { plan: show(facts, parsed, steps), results };
};

/** Prepares the VM, and leaves the resolved context for the agent that keeps running. */
export const contextualize = async (
  ports: ContextualizePorts,
  found: FoundContext,
): Promise<Contextualized> => {
  const planned = await planFor(ports, found);
  const done = await performPlan(ports, found, planned);
  await writeResolved(ports.files, planned.parsed.merged, planned.facts);
  return done;
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
