import { resolve } from 'node:path';
import { errorReport, exitCodeOf } from '../../platform/errors.ts';
import { createFiles } from '../../platform/files.ts';
import { createLog } from '../../platform/log.ts';
import type { StepResult } from '../context/apply.ts';
import {
  type Contextualized,
  contextualize,
  dryRun,
  type ShownPlan,
  undoAll,
} from '../context/contextualize.ts';
import { findContext, type GivenFile } from '../context/find-context.ts';
import { describePacking } from '../context/packing.ts';
import { resolveLifeline } from '../context/resolve-lifeline.ts';
import { type ResolvedContext, readResolved } from '../context/resolved.ts';
import type { LearnPorts } from '../context/sources/learn.ts';
import type { Step } from '../context/step.ts';
import { createAgentPorts } from '../life/create-ports.ts';
import { createSourcePorts } from '../life/create-source-ports.ts';
import { needFitNode } from '../life/examine-node.ts';
import { type MachineId, readMachineId } from '../machine.ts';
import type { AgentPorts } from '../ports.ts';
import { type CommandIo, flag, type OptionValues, text } from './command.ts';
import { describeCheck } from './doctor.ts';
import { rootOf } from './root.ts';

const describeStep = (step: Step, index: number): string => {
  const files =
    'files' in step ? step.files.map(({ path }) => path) : 'path' in step ? [step.path] : [];
  const line = `${String(index + 1).padStart(3)}. ${step.what}${files.length === 0 ? '' : `  [${files.join(', ')}]`}`;
  return [line, ...(step.notices ?? []).map(notice => `     note: ${notice}`)].join('\n');
};

const describePlan = ({
  instanceId,
  cores,
  memoryMb,
  packing,
  steps,
  notices,
}: ShownPlan): string =>
  [
    `VM ${instanceId}, ${cores} cores, ${memoryMb} MB`,
    ...(packing === undefined ? [] : describePacking(packing)),
    ...steps.map(describeStep),
    ...notices.map(line => `note: ${line}`),
    '',
  ].join('\n');

const describeResults = (results: readonly StepResult[]): string =>
  results
    .map(({ id, outcome, tookMs }) => `  ${outcome.padEnd(6)}  ${id}  ${tookMs} ms\n`)
    .join('');

/** A file given by name lies where the caller stands. */
const givenFile = (values: OptionValues): GivenFile | undefined => {
  const path = text(values, 'context');
  return path === undefined
    ? undefined
    : { files: createFiles('/'), path: resolve(path), name: path };
};

/** For an agent that runs: where anything is wrong, all stays as it was. */
const reload = async (
  ports: AgentPorts,
  sources: LearnPorts,
  machine: MachineId,
  signal: AbortSignal,
): Promise<Contextualized> => {
  process.umask(0o022);
  const { reloadContext } = await import('../context/reload/reload.ts');
  const examine = async (resolved: ResolvedContext): Promise<void> =>
    void (await needFitNode(resolved, ports));
  return reloadContext({ ports, sources, machine, examine }, signal);
};

const perform = async (values: OptionValues, io: CommandIo): Promise<void> => {
  const json = flag(values, 'json');
  const log = createLog('info', io.err);
  const ports = await createAgentPorts(rootOf(values), log);
  const sourcePorts = createSourcePorts(ports, process.env);
  const machine = await readMachineId(ports.files, ports.host);
  if (flag(values, 'lifeline')) return resolveLifeline(sourcePorts, machine, io.signal);
  if (flag(values, 'undo')) {
    const results = await undoAll(ports, machine);
    return io.out(json ? `${JSON.stringify({ results })}\n` : describeResults(results));
  }
  if (flag(values, 'anew')) {
    const { plan, results } = await reload(ports, sourcePorts, machine, io.signal);
    return io.out(
      json
        ? `${JSON.stringify({ ...plan, results })}\n`
        : `${describePlan(plan)}${describeResults(results)}`,
    );
  }
  const input = { machine, mayWrite: !flag(values, 'dry-run'), given: givenFile(values) };
  const found = await findContext(sourcePorts, input, io.signal);
  if (flag(values, 'dry-run')) {
    const plan = await dryRun(ports, found);
    return io.out(json ? `${JSON.stringify(plan)}\n` : describePlan(plan));
  }
  // The agent's unit lets nobody read what is made under it; what steps run (cvmfs_config, say) makes
  // folders for everybody. Our own files get their modes exactly.
  process.umask(0o022);
  const { plan, results } = await contextualize(ports, found);
  const checks = await needFitNode(await readResolved(ports.files), ports);
  if (json) return io.out(`${JSON.stringify({ ...plan, results, checks })}\n`);
  return io.out(
    `${describePlan(plan)}${describeResults(results)}${checks.map(describeCheck).join('\n')}\n`,
  );
};

export const contextualizeCommand = async (
  values: OptionValues,
  io: CommandIo,
): Promise<number> => {
  try {
    await perform(values, io);
    return 0;
  } catch (error) {
    // With --json the error is one object too, for the program that asked.
    if (!flag(values, 'json')) throw error;
    io.out(`${JSON.stringify({ error: errorReport(error) })}\n`);
    return exitCodeOf(error);
  }
};
