import type { Argv } from 'yargs';
import { defineCommand } from './command.ts';
import { order } from './order.ts';
import { clientOptions } from './receiver-client.ts';
import { vmArgument } from './vm-argument.ts';

const options = (argv: Argv) =>
  vmArgument(clientOptions(argv))
    .option('now', {
      type: 'boolean',
      default: false,
      describe: 'Kill the pilots instead of ending them',
    })
    .option('reason', { type: 'string', default: '', describe: 'For people who ask why' })
    .example('$0 halt wn-17 --reason "campaign over"', 'ends its pilots, then powers it off');

export const haltCommand = defineCommand({
  options,
  run: args =>
    order(args, { kind: 'halt', mode: args.now ? 'now' : 'graceful', reason: args.reason }),
});
