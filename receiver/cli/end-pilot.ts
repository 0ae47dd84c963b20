import type { Argv } from 'yargs';
import { defineCommand } from './command.ts';
import { order, orderOptions } from './order.ts';

const options = (argv: Argv) =>
  orderOptions(argv)
    .option('pilot', {
      type: 'string',
      demandOption: true,
      describe: 'A slot such as 00, or one run of it such as 00-3',
    })
    .option('now', { type: 'boolean', default: false, describe: 'Kill it instead of ending it' })
    .option('restart', {
      type: 'boolean',
      default: true,
      describe: 'Another pilot follows it; --no-restart: none, and the VM halts after its last one',
    })
    .example('$0 end-pilot wn-17 --pilot 00', 'the next one starts once it has ended')
    .example('$0 end-pilot wn-17 --pilot 00-3 --now --no-restart', 'that run alone, and no other');

export const endPilotCommand = defineCommand({
  options,
  run: ({ pilot, now, restart, ...args }) =>
    order(args, { kind: 'end-pilot', pilot, restart, mode: now ? 'now' : 'graceful' }),
});
