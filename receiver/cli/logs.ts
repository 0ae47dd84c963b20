import type { Argv } from 'yargs';
import { type Clock, createClock } from '../../platform/clock.ts';
import { PilotageError } from '../../platform/errors.ts';
import { safeLines, table } from '../../platform/table.ts';
import { defineCommand, print, printJson } from './command.ts';
import { clientOptions, type ReceiverClient, vmPath, withReceiver } from './receiver-client.ts';
import { vmArgument } from './vm-argument.ts';

interface Stretch {
  fromByte: number;
  nextByte: number;
  text: string;
}
interface Sources {
  sources: { source: string; fromByte: number; toByte: number; updatedAt: string }[];
}

/** How often a followed log is asked for anew; a VM sends it no more often than it reports. */
const FOLLOW_MS = 2000;

const printSources = async (client: ReceiverClient, vm: string, json: boolean): Promise<void> => {
  const answer = (await client.get(vmPath(vm, '/logs'))) as Sources;
  if (json) return printJson(answer);
  if (answer.sources.length === 0) return print('this VM has sent no logs yet');
  const rows = answer.sources.map(({ source, fromByte, toByte, updatedAt }) => [
    source,
    String(toByte - fromByte),
    updatedAt,
  ]);
  print(table(['SOURCE', 'BYTES', 'UPDATED'], rows));
};

/** Waits for a log that the VM has not sent yet; forever, since only whoever asks knows how long. */
const waitForSource = async (
  client: ReceiverClient,
  vm: string,
  source: string,
  clock: Clock,
): Promise<void> => {
  for (let told = false; ; told = true) {
    const { sources } = (await client.get(vmPath(vm, '/logs'))) as Sources;
    if (sources.some(each => each.source === source)) return;
    if (!told) process.stderr.write(`[waiting for ${source}]\n`);
    await clock.sleep(FOLLOW_MS);
  }
};

const AGENT = 'agent';

const options = (argv: Argv) =>
  vmArgument(clientOptions(argv))
    .positional('SOURCE', {
      alias: 'source',
      type: 'string',
      describe: 'Which log; without it, those that there are',
    })
    .option('follow', {
      alias: 'f',
      type: 'boolean',
      default: false,
      describe: 'Go on until interrupted, also where the log has yet to come',
    })
    .example('$0 logs wn-17', 'the logs of this VM')
    .example('$0 logs wn-17 agent --follow', 'the agent’s, as it comes in');

export const logsCommand = defineCommand({
  options,
  run: args =>
    withReceiver(args, async client => {
      const { VM: vm, SOURCE: source, json, follow } = args;
      if (source === undefined) {
        if (follow) throw new PilotageError('usage', '--follow needs a SOURCE: which log?');
        return printSources(client, vm, json);
      }
      const clock = createClock();
      if (follow) await waitForSource(client, vm, source, clock);
      for (let at = 0; ; ) {
        const query = new URLSearchParams({ source, fromByte: String(at) });
        const stretch = (await client.get(vmPath(vm, `/logs?${query}`))) as Stretch;
        const { fromByte, nextByte, text } = stretch;
        if (nextByte > fromByte) {
          // The agent counts its own from the time of its start: nothing came before that.
          if (fromByte > at && !json && (at > 0 || source !== AGENT))
            process.stderr.write(`[${fromByte - at} bytes are not here]\n`);
          if (json) printJson(stretch);
          else process.stdout.write(safeLines(text));
        } else if (!follow) return;
        else await clock.sleep(FOLLOW_MS);
        at = nextByte;
      }
    }),
});
