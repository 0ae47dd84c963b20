import type { Argv } from 'yargs';
import { type Clock, createClock } from '../../platform/clock.ts';
import { isPilotageError, messageOf, PilotageError } from '../../platform/errors.ts';
import { safeText } from '../../platform/table.ts';
import type { DirectiveWish } from '../directives/directive-record.ts';
import type { DirectiveView } from '../directives/directive-view.ts';
import { type FleetState, isGone } from '../fleet/fleet-state.ts';
import { print, printJson } from './command.ts';
import {
  type ClientArgs,
  clientOptions,
  type ReceiverClient,
  vmPath,
  withReceiver,
} from './receiver-client.ts';
import { chooseVms, type VmsArgs, vmsArgument } from './vms-argument.ts';
import { whoAsks } from './who-asks.ts';
import { wishText } from './wish-text.ts';

interface Ordered {
  id: string;
  vmId: string;
  hostname: string;
  state: FleetState;
}

const POLL_MS = 300;
/** As far back as a directive is looked for that was just given. */
const LATEST = 100;

/** What every order takes: which VMs, why, and whether to wait. */
export const orderOptions = <T>(argv: Argv<T>) =>
  vmsArgument(clientOptions(argv))
    .option('reason', { type: 'string', default: '', describe: 'For people who ask why' })
    .option('wait', {
      type: 'boolean',
      default: false,
      describe: 'Wait until the VM says what became of it, or it has expired',
    });

export type OrderArgs = ClientArgs & VmsArgs & { reason: string; wait: boolean };

const prospect = (state: FleetState): string => {
  if (isGone(state)) return 'It has halted, so nothing will come of this.';
  if (state === 'stalled') return 'It has gone silent: it will be told if it speaks again.';
  return 'It will be told with its next heartbeat.';
};

/** What became of a directive, once that is known. */
const awaitEnd = async (
  client: ReceiverClient,
  { id, vmId }: Ordered,
  clock: Clock,
): Promise<DirectiveView> => {
  for (;;) {
    const path = vmPath(vmId, `/directives?limit=${LATEST}`);
    const { directives } = (await client.get(path)) as { directives: DirectiveView[] };
    const found = directives.find(directive => directive.id === id);
    if (found !== undefined && found.status !== 'pending' && found.status !== 'sent') return found;
    await clock.sleep(POLL_MS);
  }
};

/** Wishes as they are posted: what is not said is left to the receiver. */
export type PostedWish = { kind: DirectiveWish['kind'] } & Record<string, unknown>;

/** One VM; false if nothing came of it. */
const orderOne = async (
  client: ReceiverClient,
  vm: string,
  wish: PostedWish,
  { reason, wait, json }: OrderArgs,
): Promise<boolean> => {
  const body = { ...wish, reason, by: whoAsks() };
  const ordered = (await client.post(vmPath(vm, '/directives'), body)) as Ordered;
  const { id, vmId, hostname, state } = ordered;
  const told = `${wish.kind} ${vmId} (${safeText(hostname)}): directive ${id}.`;
  if (!wait) {
    if (json) printJson(ordered);
    else print(`${told} ${prospect(state)}`);
    return true;
  }
  const end = await awaitEnd(client, ordered, createClock());
  const { status, detail } = end;
  if (json) printJson({ ...ordered, directive: end });
  else {
    const what = safeText(wishText(end.wish));
    const why = detail === '' ? '' : `: ${safeText(detail)}`;
    print(`${what} ${vmId} (${safeText(hostname)}): ${status}${why}`);
  }
  return status === 'done';
};

/** Posts a directive for each VM that is meant, and says what will come of it. */
export const order = (args: OrderArgs, wish: PostedWish): Promise<void> =>
  withReceiver(args, async client => {
    const vms = await chooseVms(client, args);
    const failed: string[] = [];
    for (const vm of vms) {
      try {
        if (!(await orderOne(client, vm, wish, args))) failed.push(vm);
      } catch (error) {
        if (vms.length === 1 || !isPilotageError(error)) throw error;
        process.stderr.write(`${safeText(vm)}: ${safeText(messageOf(error))}\n`);
        failed.push(vm);
      }
    }
    if (vms.length === 0 && !args.json) print('no VM is meant');
    if (failed.length > 0)
      throw new PilotageError(
        'http-refused',
        `${wish.kind}: nothing came of it on ${failed.length} of ${vms.length} VMs`,
      );
  });
