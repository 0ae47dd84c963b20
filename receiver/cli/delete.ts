import { safeText } from '../../platform/table.ts';
import { defineCommand, print, printJson } from './command.ts';
import { type DeletionOrdered, deletionArguments, orderDeletion } from './order-deletion.ts';

const prospect = ({ hasHook, deletion }: DeletionOrdered): string => {
  if (deletion.state === 'ended') return 'It is gone already.';
  return hasHook
    ? 'The hook is asked now.'
    : 'The receiver has no --delete-hook: see pilotage-receiver deletions for what deletes it.';
};

export const deleteCommand = defineCommand({
  options: argv =>
    deletionArguments(argv).example('$0 delete wn-17', 'one that is silent, or was given up'),
  run: args =>
    orderDeletion(args, 'delete', ordered => {
      if (args.json) return printJson(ordered);
      const { vmId, hostname, deletion } = ordered;
      print(`${vmId} (${safeText(hostname)}) is ${deletion.state}. ${prospect(ordered)}`);
    }),
});
