import type { Argv } from 'yargs';
import { defineCommand } from './command.ts';
import { order, orderOptions } from './order.ts';

const options = (argv: Argv) =>
  orderOptions(argv).example(
    '$0 reload wn-17 --wait',
    'and says what is another, or what is wrong',
  );

export const reloadCommand = defineCommand({
  options,
  run: args => order(args, { kind: 'reload-context' }),
});
