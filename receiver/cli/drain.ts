import type { Argv } from 'yargs';
import { defineCommand } from './command.ts';
import { durationOption } from './duration-option.ts';
import { order, orderOptions } from './order.ts';

const options = (argv: Argv) =>
  orderOptions(argv)
    .option('deadline', {
      type: 'string',
      coerce: durationOption('deadline'),
      describe: 'How long running pilots may go on, from now; else as the VM’s context says',
    })
    .example('$0 drain wn-17 --deadline 30m --reason "host maintenance"', '')
    .example('$0 drain --site CERN --deadline 6h', 'every VM of a site');

export const drainCommand = defineCommand({
  options,
  run: args => order(args, { kind: 'drain', deadlineMs: args.deadline }),
});
