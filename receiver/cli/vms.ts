import type { Argv } from 'yargs';
import { formatDuration } from '../../platform/duration.ts';
import { table } from '../../platform/table.ts';
import { FLEET_STATES } from '../fleet/fleet-state.ts';
import type { VmSummary } from '../fleet/vm-view.ts';
import { defineCommand, print, printJson } from './command.ts';
import { listAllVms } from './list-all-vms.ts';
import { readingText } from './reading-text.ts';
import { reasonText } from './reason-text.ts';
import { clientOptions, withReceiver } from './receiver-client.ts';

const HEAD = [
  'VM',
  'INSTANCE',
  'HOST',
  'STATE',
  'LOAD',
  'PILOTS',
  'PAYLOADS',
  'UPTIME',
  'HEARD',
  'REASON',
];

const rowOf = (vm: VmSummary): string[] => [
  vm.vmId,
  vm.instanceId,
  vm.hostname,
  vm.state,
  readingText(vm.load),
  String(vm.pilotsRunning),
  readingText(vm.payloads),
  vm.uptimeMs === null ? '-' : formatDuration(vm.uptimeMs),
  `${formatDuration(vm.lastHeardAgeMs)} ago`,
  reasonText(vm),
];

const options = (argv: Argv) =>
  clientOptions(argv)
    .option('state', { choices: FLEET_STATES, describe: 'Only those in this state' })
    .example('$0 vms', 'all VMs, in the order in which they enrolled')
    .example('$0 vms --state stalled --json', 'those that went silent, for a script');

export const vmsCommand = defineCommand({
  options,
  run: args =>
    withReceiver(args, async client => {
      const vms = await listAllVms(client, args.state);
      if (args.json) printJson(vms);
      else if (vms.length === 0)
        print(args.state === undefined ? 'no VM has enrolled yet' : `no VM is ${args.state}`);
      else print(table(HEAD, vms.map(rowOf)));
    }),
});
