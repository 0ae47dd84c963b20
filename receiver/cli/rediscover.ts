import type { Argv } from 'yargs';
import { defineCommand } from './command.ts';
import { order, orderOptions } from './order.ts';

const options = (argv: Argv) =>
  orderOptions(argv).example('$0 rediscover --site CERN --wait', 'after a squid has moved');

export const rediscoverCommand = defineCommand({
  options,
  run: args => order(args, { kind: 'rediscover-squids' }),
});
