import type { Argv } from 'yargs';
import { safeText, table } from '../../platform/table.ts';
import type { BilledVm } from '../fleet/deletion-view.ts';
import { defineCommand, print, printJson } from './command.ts';
import { deletionText } from './deletion-facts.ts';
import { clientOptions, type ReceiverClient, withReceiver } from './receiver-client.ts';

interface Page {
  hasHook: boolean;
  vms: BilledVm[];
  nextCursor: string | null;
}

const listAll = async (
  client: ReceiverClient,
  state: string | undefined,
): Promise<{ hasHook: boolean; vms: BilledVm[] }> => {
  const vms: BilledVm[] = [];
  for (let cursor = ''; ; ) {
    const query = new URLSearchParams({
      ...(state === undefined ? {} : { state }),
      ...(cursor === '' ? {} : { cursor }),
    });
    const page = (await client.get(`/v1/deletions?${query}`)) as Page;
    vms.push(...page.vms);
    if (page.nextCursor === null) return { hasHook: page.hasHook, vms };
    cursor = page.nextCursor;
  }
};

const HEAD = ['VM', 'CLOUD', 'INSTANCE', 'WHERE', 'STATE', 'CAUSE', 'NEXT', 'WHAT IS KNOWN'];

const rowOf = (vm: BilledVm): string[] => [
  vm.vmId,
  vm.cloud?.name ?? '-',
  vm.cloud?.instanceName ?? vm.instanceId,
  vm.cloud?.zone ?? vm.cloud?.region ?? vm.site ?? '-',
  vm.state,
  vm.deletion?.cause ?? '-',
  vm.deletion?.nextAttemptAt ?? '-',
  deletionText(vm),
];

const advice = (vms: readonly BilledVm[], hasHook: boolean): string[] => {
  const isByHand = ({ deletion }: BilledVm): boolean =>
    deletion?.state === 'to-be-deleted' && (!hasHook || deletion.hasGivenUp);
  return vms
    .filter(isByHand)
    .flatMap(({ vmId, commands, missing }) => [
      ...(commands.length === 0
        ? [`# ${vmId} has not told its ${missing.join(', ')}: find it in its cloud`]
        : commands),
      `pilotage-receiver deleted ${vmId}`,
    ]);
};

const options = (argv: Argv) =>
  clientOptions(argv)
    .option('state', {
      choices: ['to-be-deleted', 'deleting', 'stalled'] as const,
      describe: 'Only those in this state',
    })
    .example('$0 deletions', 'what is billed, and what would delete it')
    .example('$0 deletions --state to-be-deleted --json', 'for a script that deletes them');

export const deletionsCommand = defineCommand({
  options,
  run: args =>
    withReceiver(args, async client => {
      const { hasHook, vms } = await listAll(client, args.state);
      if (args.json) return printJson(vms);
      if (vms.length === 0) return print('no VM is billed for nothing, as far as is known');
      print(table(HEAD, vms.map(rowOf)));
      const lines = advice(vms, hasHook);
      if (lines.length > 0) print(`\nBy hand:\n${lines.map(safeText).join('\n')}`);
    }),
});
