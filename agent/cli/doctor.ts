import { createLog } from '../../platform/log.ts';
import type { CheckResult } from '../checks/check.ts';
import { unfitBecause } from '../checks/run-checks.ts';
import { readFacts } from '../context/facts.ts';
import { findContext } from '../context/find-context.ts';
import { parseContext } from '../context/parse.ts';
import { createAgentPorts } from '../life/create-ports.ts';
import { createSourcePorts } from '../life/create-source-ports.ts';
import { examineNode } from '../life/examine-node.ts';
import { readMachineId } from '../machine.ts';
import { planSlots } from '../pilot/slots.ts';
import { type CommandIo, flag, type OptionValues } from './command.ts';
import { rootOf } from './root.ts';

export const describeCheck = ({ check, verdict, reason, tookMs }: CheckResult): string =>
  `${verdict.padEnd(7)}  ${check.padEnd(11)}  ${reason}  (${tookMs} ms)`;

/** Is this node fit for payloads? Exit code 1 if it is not. */
export const doctor = async (values: OptionValues, io: CommandIo): Promise<number> => {
  const ports = await createAgentPorts(rootOf(values), createLog('warn', io.err));
  const input = { machine: await readMachineId(ports.files, ports.host), mayWrite: false };
  const sourcePorts = createSourcePorts(ports, process.env);
  const { texts, machine, facts: vmFacts } = await findContext(sourcePorts, input, io.signal);
  const { context } = parseContext(texts, vmFacts);
  const facts = await readFacts(machine, { ...ports, context });
  const results = await examineNode({ context, slots: planSlots(context, facts) }, ports);
  const unfit = unfitBecause(results);
  if (flag(values, 'json'))
    io.out(`${JSON.stringify({ fit: unfit === undefined, checks: results })}\n`);
  else
    io.out(
      `${results.map(describeCheck).join('\n')}\n${unfit === undefined ? 'fit for payloads' : 'NOT fit for payloads'}\n`,
    );
  return unfit === undefined ? 0 : 1;
};
