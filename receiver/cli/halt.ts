import type { Argv } from 'yargs';
import { defineCommand } from './command.ts';
import { order, orderOptions } from './order.ts';

const options = (argv: Argv) =>
  orderOptions(argv)
    .option('now', {
      type: 'boolean',
      default: false,
      describe: 'Kill the pilots instead of ending them',
    })
    .example('$0 halt wn-17 --reason "campaign over"', 'ends its pilots, then powers it off');

export const haltCommand = defineCommand({
  options,
  run: args => order(args, { kind: 'halt', mode: args.now ? 'now' : 'graceful' }),
});
