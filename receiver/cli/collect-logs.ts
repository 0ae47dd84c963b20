import type { Argv } from 'yargs';
import { defineCommand } from './command.ts';
import { order, orderOptions } from './order.ts';

const options = (argv: Argv) =>
  orderOptions(argv)
    .option('of', {
      type: 'string',
      describe:
        'agent, a slot such as 00, or one run of it such as 00-3; without it the agent and the newest run of each slot',
    })
    .example('$0 collect-logs wn-17 --of 00-3 --wait', 'then: $0 logs wn-17 00-3.out');

export const collectLogsCommand = defineCommand({
  options,
  run: ({ of, ...args }) => order(args, { kind: 'collect-logs', of }),
});
