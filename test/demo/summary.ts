import type { Status } from '../../agent/monitor/status.ts';
import type { LocalReceiver } from '../support/local-receiver.ts';
import type { Actor } from './stage.ts';

/** What a run came to. Every number is measured, by the receiver's word and by the agents'. */
export interface Summary {
  /** Known to the receiver. */
  vms: number;
  /** Came to be at work, which needs a finished contextualization. */
  contextualized: number;
  /** Runs of pilots, over all slots. */
  pilotsStarted: number;
  /** Went through `draining` because the receiver said so, and told the receiver that they obeyed. */
  drained: number;
  /** The receiver says so, and the VM has powered itself off. */
  halted: number;
  /** Acknowledged to a VM, and not in the receiver's history. */
  heartbeatsLost: number;
}

const countWhere = <T>(items: readonly T[], holds: (item: T) => boolean): number =>
  items.filter(holds).length;

/** Stored heartbeats, each counted once by boot and sequence number. */
const countStored = async (receiver: LocalReceiver, vmId: string): Promise<number> => {
  const history = await receiver.history(vmId);
  return new Set(history.map(({ bootId, sequence }) => `${bootId} ${sequence}`)).size;
};

const measureOne = async (actor: Actor, status: Status, receiver: LocalReceiver) => {
  const vmId = status.receiver?.vmId;
  const known = (await receiver.vms()).find(vm => vm.vmId === vmId);
  const directives = vmId === undefined ? [] : await receiver.directives(vmId);
  const stored = vmId === undefined ? 0 : await countStored(receiver, vmId);
  const acknowledged = status.receiver?.acknowledgedHeartbeats ?? 0;
  const obeyedDrain = directives.some(({ kind, status }) => kind === 'drain' && status === 'done');
  return {
    contextualized: status.turns.some(({ phase }) => phase === 'running'),
    pilotsStarted: status.pilots.reduce((sum, { generation }) => sum + generation, 0),
    drained: obeyedDrain && status.turns.some(isDrainedByReceiver),
    halted: known?.state === 'halted' && (await actor.poweredOff()) !== undefined,
    heartbeatsLost: Math.max(0, acknowledged - stored),
  };
};

const isDrainedByReceiver = ({ phase, reason }: Status['turns'][number]): boolean =>
  phase === 'draining' && reason.startsWith('receiver');

/** Measures what has come of the VMs so far. */
export const summarize = async (
  receiver: LocalReceiver,
  actors: readonly Actor[],
): Promise<Summary> => {
  const measured = [];
  for (const actor of actors) {
    const status = await actor.status();
    if (status !== undefined) measured.push(await measureOne(actor, status, receiver));
  }
  return {
    vms: (await receiver.vms()).length,
    contextualized: countWhere(measured, ({ contextualized }) => contextualized),
    pilotsStarted: measured.reduce((sum, { pilotsStarted }) => sum + pilotsStarted, 0),
    drained: countWhere(measured, ({ drained }) => drained),
    halted: countWhere(measured, ({ halted }) => halted),
    heartbeatsLost: measured.reduce((sum, { heartbeatsLost }) => sum + heartbeatsLost, 0),
  };
};
