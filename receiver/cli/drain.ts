import type { Argv } from 'yargs';
import { defineCommand } from './command.ts';
import { durationOption } from './duration-option.ts';
import { order } from './order.ts';
import { clientOptions } from './receiver-client.ts';
import { vmArgument } from './vm-argument.ts';

const options = (argv: Argv) =>
  vmArgument(clientOptions(argv))
    .option('deadline', {
      type: 'string',
      coerce: durationOption('deadline'),
      describe: 'How long running pilots may go on, from now; else as the VM’s context says',
    })
    .option('reason', { type: 'string', default: '', describe: 'For people who ask why' })
    .example('$0 drain wn-17 --deadline 30m --reason "host maintenance"', '');

export const drainCommand = defineCommand({
  options,
  run: args => order(args, { kind: 'drain', deadlineMs: args.deadline, reason: args.reason }),
});
