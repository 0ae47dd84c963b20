import type { Argv } from 'yargs';
import { PilotageError } from '../../platform/errors.ts';
import { FLEET_STATES, isGone } from '../fleet/fleet-state.ts';
import type { VmSummary } from '../fleet/vm-view.ts';
import { listAllVms } from './list-all-vms.ts';
import type { ReceiverClient } from './receiver-client.ts';

/** The VMs of a command line: named one by one, or chosen by what they are. */
export const vmsArgument = <T>(argv: Argv<T>) =>
  argv
    .positional('VM', {
      type: 'string',
      array: true,
      describe: 'VM ids, instance ids or hostnames, or beginnings of them',
    })
    .option('all', {
      type: 'boolean',
      default: false,
      describe: 'Every VM that has not halted or been deleted',
    })
    .option('state', { choices: FLEET_STATES, describe: 'Every VM in this state' })
    .option('site', { type: 'string', describe: 'Every VM of this site' })
    .option('endpoint', { type: 'string', describe: 'Every VM of this cloud endpoint' })
    .option('running-pod', { type: 'string', describe: 'Every VM of this running pod' })
    .option('vo', {
      type: 'string',
      describe: 'Every VM of this VO; of several of these all must hold',
    });

export interface VmsArgs {
  VM?: readonly string[] | undefined;
  all: boolean;
  state?: string | undefined;
  site?: string | undefined;
  endpoint?: string | undefined;
  runningPod?: string | undefined;
  vo?: string | undefined;
}

const PARTS = ['site', 'endpoint', 'runningPod', 'vo'] as const;

/** What names the VMs that are meant. Fails with `usage` where nothing, or both ways, says which. */
export const chooseVms = async (client: ReceiverClient, args: VmsArgs): Promise<string[]> => {
  const { VM: names = [], all, state } = args;
  const isChosen = all || [state, ...PARTS.map(part => args[part])].some(one => one !== undefined);
  if (names.length > 0 && isChosen)
    throw new PilotageError('usage', 'name VMs, or choose them by --all, --state and the like');
  if (names.length > 0) return [...new Set(names)];
  if (!isChosen)
    throw new PilotageError('usage', 'which VMs? name them, or say --all, --state, --site, --vo …');
  const isMeant = (vm: VmSummary): boolean =>
    (state !== undefined || !isGone(vm.state)) &&
    PARTS.every(part => args[part] === undefined || vm[part] === args[part]);
  return (await listAllVms(client, state)).filter(isMeant).map(({ vmId }) => vmId);
};
