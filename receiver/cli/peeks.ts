import type { Argv } from 'yargs';
import { table } from '../../platform/table.ts';
import type { PeekView } from '../peeks/peek-view.ts';
import { defineCommand, print, printJson } from './command.ts';
import { clientOptions, vmPath, withReceiver } from './receiver-client.ts';

const HEAD = ['ASKED', 'VM', 'PILOT', 'WHAT', 'BY', 'OUTCOME', 'DETAIL'];

const rowOf = (peek: PeekView): string[] => [
  peek.askedAt,
  peek.vmId,
  peek.unit ?? peek.pilot,
  [peek.thing, ...(peek.path === undefined ? [] : [peek.path])].join(' '),
  peek.by,
  peek.status,
  peek.detail,
];

const options = (argv: Argv) =>
  clientOptions(argv)
    .positional('VM', {
      type: 'string',
      describe: 'VM id, instance id or hostname, or the beginning of one; without it, all VMs',
    })
    .option('limit', { type: 'number', default: 100, describe: 'How many, 1000 at most' })
    .example('$0 peeks', 'the last looks at any pilot')
    .example('$0 peeks wn-17 --json', 'those at the pilots of one VM, for a program');

export const peeksCommand = defineCommand({
  options,
  run: args =>
    withReceiver(args, async client => {
      const query = `?limit=${args.limit}`;
      const path = args.VM === undefined ? `/v1/peeks${query}` : vmPath(args.VM, `/peeks${query}`);
      const { peeks } = (await client.get(path)) as { peeks: PeekView[] };
      if (args.json) return printJson(peeks);
      if (peeks.length === 0) return print('nobody has looked at a pilot yet');
      print(table(HEAD, peeks.map(rowOf)));
    }),
});
