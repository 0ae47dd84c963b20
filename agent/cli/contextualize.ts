import { isAbsolute, resolve } from 'node:path';
import { errorReport, exitCodeOf } from '../../platform/errors.ts';
import { createFiles } from '../../platform/files.ts';
import { createLog } from '../../platform/log.ts';
import {
  contextualize,
  dryRun,
  resolveLifeline,
  type ShownPlan,
} from '../context/contextualize.ts';
import { readResolved } from '../context/resolved.ts';
import type { Step } from '../context/step.ts';
import { createAgentPorts } from '../life/create-ports.ts';
import { needFitNode } from '../life/examine-node.ts';
import { readMachineId } from '../machine.ts';
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

/** A file given by name lies where the caller stands, not on the machine. */
const givenContext = (values: OptionValues) => {
  const path = text(values, 'context');
  if (path === undefined) return undefined;
  return { files: createFiles(isAbsolute(path) ? '/' : resolve('.')), path };
};

const perform = async (values: OptionValues, io: CommandIo): Promise<void> => {
  const json = flag(values, 'json');
  const log = createLog('info', io.err);
  const ports = await createAgentPorts(rootOf(values), log);
  if (flag(values, 'lifeline')) return resolveLifeline(ports.files);
  const machineId = await readMachineId(ports.files, ports.host);
  const given = givenContext(values);
  if (flag(values, 'dry-run')) {
    const plan = await dryRun(ports.files, machineId, given);
    return io.out(json ? `${JSON.stringify(plan)}\n` : describePlan(plan));
  }
  const { plan, results } = await contextualize(ports, machineId, given);
  const checks = await needFitNode(await readResolved(ports.files), ports);
  if (json) return io.out(`${JSON.stringify({ ...plan, results, checks })}\n`);
  const outcomes = results.map(
    ({ id, outcome, tookMs }) => `  ${outcome.padEnd(6)}  ${id}  ${tookMs} ms`,
  );
  return io.out(
    `${describePlan(plan)}${outcomes.join('\n')}\n${checks.map(describeCheck).join('\n')}\n`,
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
