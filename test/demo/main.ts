import { parseArgs } from 'node:util';
import { messageOf } from '../../platform/errors.ts';
import { needAgentBinary } from '../support/agent-binary.ts';
import { createSay } from './narrate.ts';
import { playOn } from './play-on.ts';
import { playOnce } from './play-once.ts';
import { openStage } from './stage.ts';

const HELP = `npm run demo [-- OPTIONS]

A receiver and three VMs on this machine: folders stand for the VMs, the agent in them is the real
one, their pilots burn a little processor time. Needs neither root nor a network.

  (no option)  goes on until Ctrl-C; VMs that end are replaced by others
  --once       three VMs from user-data to power-off: one runs out of work, one is drained, one halted;
               exit code 0 only if all went as it should and no process is left
  --json       with --once: ends with one line of JSON on standard output, the timeline is on standard error
  --help       this text
`;

const OPTIONS = {
  once: { type: 'boolean', default: false },
  json: { type: 'boolean', default: false },
  help: { type: 'boolean', default: false },
} as const;

/** 128 + 2, as shells tell an interrupt. */
const INTERRUPTED = 130;

interface Ways {
  once: boolean;
  json: boolean;
  write: (line: string) => void;
}

/** One Ctrl-C may come twice within this time, ms: from the terminal, and passed on by npm. */
const SAME_SIGNAL_MS = 1000;

/** Aborts at the first signal; at the second one, what must be done at once is done. */
const stopOnSignals = (abandon: () => void): AbortSignal => {
  const stop = new AbortController();
  let firstMs = Number.NaN;
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
    process.on(signal, () => {
      if (!stop.signal.aborted) {
        firstMs = performance.now();
        stop.abort();
      } else if (!(performance.now() - firstMs < SAME_SIGNAL_MS)) {
        abandon();
        process.exit(INTERRUPTED);
      }
    });
  // npm dies of a signal without passing it on, and whoever reads our lines may go as well: then there
  // is nobody left to play for.
  const parent = process.ppid;
  setInterval(() => process.ppid === parent || stop.abort(), SAME_SIGNAL_MS).unref();
  for (const stream of [process.stdout, process.stderr]) stream.on('error', () => stop.abort());
  return stop.signal;
};

const play = async ({ once, json, write }: Ways): Promise<number> => {
  let abandon = (): void => undefined;
  const signal = stopOnSignals(() => abandon());
  const agent = await needAgentBinary(write, signal);
  const say = createSay(write);
  const stage = await openStage(agent, say, signal);
  abandon = stage.abandon;
  const problems: string[] = [];
  try {
    if (once) {
      const { summary, problems: found } = await playOnce(stage, say, write, signal);
      problems.push(...found);
      if (summary !== undefined)
        process.stdout.write(`${json ? JSON.stringify(summary) : describe(summary)}\n`);
    } else await playOn(stage, write, signal);
  } catch (error) {
    if (!signal.aborted) problems.push(messageOf(error));
  } finally {
    if (signal.aborted) write('ending agents, pilots and receiver …');
    problems.push(...(await stage.close()));
  }
  for (const problem of problems) write(`FAILED  ${problem}`);
  if (problems.length > 0) return 1;
  return signal.aborted && once ? INTERRUPTED : 0;
};

const describe = (summary: object): string =>
  Object.entries(summary)
    .map(([what, count]) => `${what} ${count}`)
    .join(', ');

const main = async (): Promise<number> => {
  const { once, json, help } = parseArgs({ options: OPTIONS }).values;
  if (help) {
    process.stdout.write(HELP);
    return 0;
  }
  if (json && !once) throw new Error('--json goes with --once; see --help');
  const stream = once ? process.stderr : process.stdout;
  return play({ once, json, write: line => void stream.write(`${line}\n`) });
};

try {
  process.exitCode = await main();
} catch (error) {
  process.stderr.write(`demo: ${messageOf(error)}\n`);
  process.exitCode = 1;
}
