import type { Argv } from 'yargs';
import { defineCommand } from './command.ts';
import { durationOption } from './duration-option.ts';
import { order, orderOptions } from './order.ts';

const options = (argv: Argv) =>
  orderOptions(argv)
    .option('every', {
      type: 'string',
      demandOption: true,
      coerce: durationOption('every'),
      describe: 'Between two heartbeats, whatever happens meanwhile: 1s to 10m',
    })
    .option('for', {
      type: 'string',
      default: '10m',
      coerce: durationOption('for'),
      describe: 'For how long, a day at most; then it is the receiver’s again',
    })
    .example('$0 pace wn-17 --every 2s', 'look at it closely for ten minutes')
    .example('$0 pace --site CERN --every 5m --for 2h', 'hear less of a whole site');

export const paceCommand = defineCommand({
  options,
  run: ({ every, for: forMs, ...args }) => order(args, { kind: 'pace', everyMs: every, forMs }),
});
