import { createLog } from '../../platform/log.ts';
import { FOR_FACTS, type Gathered, gather } from '../context/sources/gather.ts';
import { createAgentPorts } from '../life/create-ports.ts';
import { createSourcePorts } from '../life/create-source-ports.ts';
import { type CommandIo, flag, type OptionValues } from './command.ts';
import { rootOf } from './root.ts';

/** What scripts and people see: of user-data its size, never its content. */
const shown = ({ detected, facts, userData, failures }: Gathered) => ({
  detected,
  facts,
  userData: userData === undefined ? null : { from: userData.from, bytes: userData.bytes.length },
  failures: failures.map(({ name, error: { code, message } }) => ({ name, code, message })),
});

const describe = ({ detected, facts, userData, failures }: ReturnType<typeof shown>): string =>
  [
    detected.length === 0 ? 'detected: nothing' : 'detected:',
    ...detected.map(({ name, because }) => `  ${name.padEnd(10)}  ${because}`),
    ...Object.entries(facts).map(([name, value]) => `${name}: ${value}`),
    `user-data: ${userData === null ? 'none' : `${userData.bytes} bytes from ${userData.from}`}`,
    ...failures.map(({ name, message }) => `failed: ${name}: ${message}`),
    '',
  ].join('\n');

/** Asks every source anew and keeps nothing. Exit code 1 if user-data may be there and was not had. */
export const source = async (values: OptionValues, io: CommandIo): Promise<number> => {
  const ports = await createAgentPorts(rootOf(values), createLog('warn', io.err));
  const found = shown(await gather(createSourcePorts(ports, process.env), FOR_FACTS, io.signal));
  io.out(flag(values, 'json') ? `${JSON.stringify(found)}\n` : describe(found));
  return found.userData === null && found.failures.length > 0 ? 1 : 0;
};
