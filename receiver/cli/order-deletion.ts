import type { Argv } from 'yargs';
import type { DeletionView } from '../fleet/deletion-view.ts';
import { type ClientArgs, clientOptions, vmPath, withReceiver } from './receiver-client.ts';
import { vmArgument } from './vm-argument.ts';
import { whoAsks } from './who-asks.ts';

export interface DeletionOrdered {
  vmId: string;
  hostname: string;
  hasHook: boolean;
  deletion: DeletionView;
}

export const deletionArguments = (argv: Argv) =>
  vmArgument(clientOptions(argv)).option('reason', {
    type: 'string',
    default: '',
    describe: 'For people who ask why',
  });

/** Tells the receiver of one VM, and hands over what it made of it. */
export const orderDeletion = (
  args: ClientArgs & { VM: string; reason: string },
  action: 'delete' | 'deleted',
  tell: (ordered: DeletionOrdered) => void,
): Promise<void> =>
  withReceiver(args, async client => {
    const body = { action, by: whoAsks(), reason: args.reason };
    tell((await client.post(vmPath(args.VM, '/deletion'), body)) as DeletionOrdered);
  });
