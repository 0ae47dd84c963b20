import type { Clock } from '../../platform/clock.ts';
import type { Log } from '../../platform/log.ts';
import { openDeletion } from '../fleet/deletion.ts';
import type { VmRecord } from '../fleet/vm-record.ts';
import type { Storage } from '../storage/storage.ts';
import { mayGiveUp } from './judge-lost.ts';

/** VMs that are given up in one look; the next look goes on. */
const AT_ONCE = 100;
const OPEN = { deletion: null, notReported: 'halted', hasCloud: true } as const;

const givenUp = (vm: VmRecord, silentSinceMs: number, nowMs: number): VmRecord => {
  const isLost = vm.deletion === undefined && vm.lastHeardMs <= silentSinceMs;
  if (!isLost || vm.latest?.state === 'halted') return vm;
  const { guard: _, ...rest } = vm;
  return { ...rest, deletion: openDeletion('lost', nowMs) };
};

/**
 * Looks for VMs that have been silent for `afterMs` and makes them to be deleted, if it is they who are silent. While
 * no receiver ran, nobody could be heard.
 */
export const createLostJudge = (
  { clock, log, storage }: { clock: Clock; log: Log; storage: Storage },
  { afterMs, stallAfterMs }: { afterMs: number; stallAfterMs: number },
): (() => Promise<void>) => {
  const startedMs = clock.wallMs();
  let toldOfSilence = false;

  const isBelievable = async (nowMs: number): Promise<boolean> => {
    const silent = await storage.countVms({ ...OPEN, heardUntilMs: nowMs - afterMs / 2 });
    const speaking = await storage.countVms({ heardAfterMs: nowMs - stallAfterMs });
    const may = mayGiveUp({ silent, speaking });
    if (!may && !toldOfSilence)
      log.error(
        { silent, speaking },
        'more VMs are silent than speak: none is deleted for it, since it may be the receiver that hears nobody',
      );
    toldOfSilence = !may;
    return may;
  };

  return async () => {
    const nowMs = clock.wallMs();
    if (nowMs - startedMs < afterMs) return;
    const silentSinceMs = nowMs - afterMs;
    const lost = await storage.listVms({ ...OPEN, heardUntilMs: silentSinceMs }, '', AT_ONCE);
    if (lost.length === 0 || !(await isBelievable(nowMs))) return;
    for (const { vmId } of lost) {
      await storage.changeVm(vmId, vm => givenUp(vm, silentSinceMs, nowMs));
      log.warn({ vmId }, 'a VM is lost, and is to be deleted');
    }
  };
};
