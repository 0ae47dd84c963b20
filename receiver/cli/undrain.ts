import type { Argv } from 'yargs';
import { defineCommand } from './command.ts';
import { order, orderOptions } from './order.ts';

const options = (argv: Argv) =>
  orderOptions(argv).example('$0 undrain wn-17 wn-18', 'new pilots may start again');

export const undrainCommand = defineCommand({
  options,
  run: args => order(args, { kind: 'undrain' }),
});
