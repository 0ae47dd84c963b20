import { safeText } from '../../platform/table.ts';
import { defineCommand, print, printJson } from './command.ts';
import { deletionArguments, orderDeletion } from './order-deletion.ts';

export const deletedCommand = defineCommand({
  options: argv =>
    deletionArguments(argv).example('$0 deleted wn-17', 'once the cloud no longer knows it'),
  run: args =>
    orderDeletion(args, 'deleted', ordered => {
      if (args.json) return printJson(ordered);
      print(`${ordered.vmId} (${safeText(ordered.hostname)}) has ended.`);
    }),
});
