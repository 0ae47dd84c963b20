import type { Argv } from 'yargs';
import { defineCommand } from './command.ts';
import { order } from './order.ts';
import { clientOptions } from './receiver-client.ts';
import { vmArgument } from './vm-argument.ts';

const options = (argv: Argv) =>
  vmArgument(clientOptions(argv))
    .option('reason', { type: 'string', default: '', describe: 'For people who ask why' })
    .example('$0 undrain wn-17', 'new pilots may start again');

export const undrainCommand = defineCommand({
  options,
  run: args => order(args, { kind: 'undrain', reason: args.reason }),
});
