import type { CloudWord } from '../../protocol/cloud.ts';
import type { DeletionCause, DeletionState } from './deletion.ts';
import { type FleetState, fleetState } from './fleet-state.ts';
import { deleteCommands, leftBilled, missingFor, powerOffOf } from './power-off.ts';
import type { VmRecord } from './vm-record.ts';

/** How far a VM is on its way out of its cloud, as operators read it. Times are ISO 8601; what is not is null. */
export interface DeletionView {
  state: DeletionState;
  cause: DeletionCause;
  since: string;
  /** How often the hook was asked in this state. */
  attempts: number;
  hasGivenUp: boolean;
  nextAttemptAt: string | null;
  said: string;
}

/** A VM that is billed, or may be, although it is off or silent. */
export interface BilledVm {
  vmId: string;
  hostname: string;
  instanceId: string;
  site: string | null;
  state: FleetState;
  lastHeardAt: string;
  cloud: CloudWord | null;
  /** What its cloud bills or holds for a VM that is off; for one that is lost it may be all of it. */
  billed: string[];
  deletion: DeletionView | null;
  /** What has to be known to delete it, and is not. */
  missing: string[];
  /** What deletes it by the cloud's own command line, one line each. */
  commands: string[];
  /** How its like would end by themselves. */
  remedy: string;
}

/** For a person to paste into a shell; what is in it was let through as safe, but for a `?` of ours. */
const quoteWord = (word: string): string =>
  /^[A-Za-z0-9_.:/@+=-]+$/.test(word) ? word : `'${word}'`;

const isoTime = (ms: number): string => new Date(ms).toISOString();

export const deletionView = ({ deletion }: VmRecord): DeletionView | null =>
  deletion === undefined
    ? null
    : {
        state: deletion.state,
        cause: deletion.cause,
        since: isoTime(deletion.sinceMs),
        attempts: deletion.attempts,
        hasGivenUp: deletion.hasGivenUp ?? false,
        nextAttemptAt: deletion.dueMs === undefined ? null : isoTime(deletion.dueMs),
        said: deletion.said,
      };

/** What is billed for a VM in this state; nothing once the cloud says that it is gone, and as long as it works. */
export const billedOf = (vm: VmRecord, nowMs: number, stallAfterMs: number): string[] => {
  const cloud = vm.latest?.cloud;
  const state = fleetState(vm, nowMs, stallAfterMs);
  const isOnItsWay = state === 'to-be-deleted' || state === 'deleting';
  if (isOnItsWay && vm.deletion?.cause === 'halted') return [...leftBilled(cloud)];
  if (!isOnItsWay && state !== 'stalled') return [];
  return ['perhaps all of it', ...(powerOffOf(cloud)?.leaves ?? [])];
};

export const commandLines = (cloud: CloudWord | undefined): string[] =>
  deleteCommands(cloud).map(command => command.map(quoteWord).join(' '));

export const billedVm = (vm: VmRecord, nowMs: number, stallAfterMs: number): BilledVm => {
  const cloud = vm.latest?.cloud;
  return {
    vmId: vm.vmId,
    hostname: vm.identity.hostname,
    instanceId: cloud?.instanceId ?? vm.identity.instanceId,
    site: vm.identity.site ?? null,
    state: fleetState(vm, nowMs, stallAfterMs),
    lastHeardAt: isoTime(vm.lastHeardMs),
    cloud: cloud ?? null,
    billed: billedOf(vm, nowMs, stallAfterMs),
    deletion: deletionView(vm),
    missing: cloud === undefined ? ['cloud'] : missingFor(cloud),
    commands: commandLines(cloud),
    remedy: powerOffOf(cloud)?.remedy ?? '',
  };
};
