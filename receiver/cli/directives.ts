import type { Argv } from 'yargs';
import { table } from '../../platform/table.ts';
import type { DirectiveView } from '../directives/directive-view.ts';
import { defineCommand, print, printJson } from './command.ts';
import { clientOptions, vmPath, withReceiver } from './receiver-client.ts';
import { wishText } from './wish-text.ts';

const HEAD = ['GIVEN', 'VM', 'WHAT', 'BY', 'REASON', 'OUTCOME', 'ACKNOWLEDGED', 'DETAIL'];

const rowOf = (directive: DirectiveView): string[] => [
  directive.createdAt,
  directive.vmId,
  wishText(directive.wish),
  directive.by,
  directive.reason,
  directive.status,
  directive.acknowledgedAt ?? '-',
  directive.detail,
];

const options = (argv: Argv) =>
  clientOptions(argv)
    .positional('VM', {
      type: 'string',
      describe: 'VM id, instance id or hostname, or the beginning of one; without it, all VMs',
    })
    .option('limit', { type: 'number', default: 100, describe: 'How many, 1000 at most' })
    .example('$0 directives', 'the last orders to any VM, and what became of them');

export const directivesCommand = defineCommand({
  options,
  run: args =>
    withReceiver(args, async client => {
      const rest = `/directives?limit=${args.limit}`;
      const path = args.VM === undefined ? `/v1${rest}` : vmPath(args.VM, rest);
      const { directives } = (await client.get(path)) as { directives: DirectiveView[] };
      if (args.json) return printJson(directives);
      if (directives.length === 0) return print('nobody has given an order yet');
      print(table(HEAD, directives.map(rowOf)));
    }),
});
