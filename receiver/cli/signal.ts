import type { Argv } from 'yargs';
import { PAYLOAD_SIGNALS } from '../../protocol/order-fields.ts';
import { defineCommand } from './command.ts';
import { order, orderOptions } from './order.ts';

const options = (argv: Argv) =>
  orderOptions(argv)
    .option('signal', {
      choices: PAYLOAD_SIGNALS,
      demandOption: true,
      describe: 'Only processes get it that have a handler for it; CONT all',
    })
    .option('pilot', {
      type: 'string',
      describe: 'A slot such as 00, or one run of it such as 00-3; without it the payloads of all',
    })
    .example('$0 signal wn-17 --signal USR1 --pilot 00', 'its payloads write a checkpoint, say');

export const signalCommand = defineCommand({
  options,
  run: ({ signal, pilot, ...args }) => order(args, { kind: 'signal', signal, pilot }),
});
