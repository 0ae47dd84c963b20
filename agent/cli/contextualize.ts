import { resolve } from 'node:path';
import { errorReport, exitCodeOf } from '../../platform/errors.ts';
import { createFiles } from '../../platform/files.ts';
import { createLog } from '../../platform/log.ts';
import type { StepResult } from '../context/apply.ts';
import {
  contextualize,
  dryRun,
  resolveLifeline,
  type ShownPlan,
  undoAll,
} from '../context/contextualize.ts';
import { findContextTexts } from '../context/find-context-texts.ts';
import { loadGivenContext } from '../context/load.ts';
import { readResolved } from '../context/resolved.ts';
import type { ContextText } from '../context/source-file.ts';
import type { LearnPorts } from '../context/sources/learn.ts';
import type { Step } from '../context/step.ts';
import { createAgentPorts } from '../life/create-ports.ts';
import { createSourcePorts } from '../life/create-source-ports.ts';
import { needFitNode } from '../life/examine-node.ts';
import { asLearnt, readMachineId } from '../machine.ts';
import { type CommandIo, flag, type OptionValues, text } from './command.ts';
import { describeCheck } from './doctor.ts';
import { rootOf } from './root.ts';

const describeStep = (step: Step, index: number): string => {
  const files =
    'files' in step ? step.files.map(({ path }) => path) : 'path' in step ? [step.path] : [];
  const line = `${String(index + 1).padStart(3)}. ${step.what}${files.length === 0 ? '' : `  [${files.join(', ')}]`}`;
  return [line, ...(step.notices ?? []).map(notice => `     note: ${notice}`)].join('\n');
};

const describePlan = ({ instanceId, cores, memoryMb, steps, notices }: ShownPlan): string =>
  [
    `VM ${instanceId}, ${cores} cores, ${memoryMb} MB`,
    ...steps.map(describeStep),
    ...notices.map(line => `note: ${line}`),
    '',
  ].join('\n');

const describeResults = (results: readonly StepResult[]): string =>
  results
    .map(({ id, outcome, tookMs }) => `  ${outcome.padEnd(6)}  ${id}  ${tookMs} ms\n`)
    .join('');

/** Of the machine, or of a file given by name, which lies where the caller stands. */
const contextTexts = (
  values: OptionValues,
  ports: LearnPorts,
  bootId: string,
  signal: AbortSignal,
): Promise<ContextText[]> => {
  const path = text(values, 'context');
  const mayWrite = !flag(values, 'dry-run');
  return path === undefined
    ? findContextTexts(ports, { bootId, mayWrite }, signal)
    : loadGivenContext(createFiles('/'), resolve(path), path);
};

const perform = async (values: OptionValues, io: CommandIo): Promise<void> => {
  const json = flag(values, 'json');
  const log = createLog('info', io.err);
  const ports = await createAgentPorts(rootOf(values), log);
  const sourcePorts = createSourcePorts(ports, process.env);
  const machine = await readMachineId(ports.files, ports.host);
  const { bootId } = machine;
  if (flag(values, 'lifeline')) return resolveLifeline(sourcePorts, bootId, io.signal);
  if (flag(values, 'undo')) {
    const results = await undoAll(ports, machine);
    return io.out(json ? `${JSON.stringify({ results })}\n` : describeResults(results));
  }
  const texts = await contextTexts(values, sourcePorts, bootId, io.signal);
  const machineId = await asLearnt(ports.files, machine);
  if (flag(values, 'dry-run')) {
    const plan = await dryRun(ports.files, machineId, texts);
    return io.out(json ? `${JSON.stringify(plan)}\n` : describePlan(plan));
  }
  const { plan, results } = await contextualize(ports, machineId, texts);
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
