import { parseArgs } from 'node:util';
import { messageOf } from '../../platform/errors.ts';
import { agentFootprint } from './agent-footprint.ts';
import type { Bench, BenchResult } from './bench.ts';
import { pilotStart } from './pilot-start.ts';

/** Every benchmark there is. */
const BENCHES: readonly Bench[] = [agentFootprint, pilotStart];

const HELP = `npm run -s bench -- NAME [--json]

Measures, and says whether the figures are within their bounds; being slow is no failure.

${BENCHES.map(({ name, describe }) => `  ${name.padEnd(16)} ${describe}`).join('\n')}

  --json           one line of JSON on standard output instead of text
  --help           this text
`;

const OPTIONS = {
  json: { type: 'boolean', default: false },
  help: { type: 'boolean', default: false },
} as const;

const describe = (result: BenchResult): string =>
  Object.entries(result)
    .map(([what, value]) => `${what.padEnd(16)} ${JSON.stringify(value)}`)
    .join('\n');

const main = async (): Promise<void> => {
  const { values, positionals } = parseArgs({ options: OPTIONS, allowPositionals: true });
  const [name, ...more] = positionals;
  if (values.help || name === undefined) {
    process.stdout.write(HELP);
    return;
  }
  const bench = BENCHES.find(known => known.name === name);
  if (bench === undefined || more.length > 0)
    throw new Error(`give one of: ${BENCHES.map(known => known.name).join(', ')}`);
  const stop = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
    process.on(signal, () => stop.abort());
  const result = await bench.run({
    say: line => void process.stderr.write(`${line}\n`),
    signal: stop.signal,
  });
  process.stdout.write(`${values.json ? JSON.stringify(result) : describe(result)}\n`);
};

try {
  await main();
} catch (error) {
  process.stderr.write(`bench: ${messageOf(error)}\n`);
  process.exitCode = 1;
}
