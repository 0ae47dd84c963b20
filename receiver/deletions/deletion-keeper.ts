import { messageOf } from '../../platform/errors.ts';
import type { Log } from '../../platform/log.ts';
import type { VmRecord } from '../fleet/vm-record.ts';
import { type CallPorts, callHook } from './call-hook.ts';
import { createLostJudge } from './give-up-lost.ts';
import type { HookConfig } from './run-hook.ts';

export interface DeletionConfig {
  /** Without it VMs are listed as to be deleted, and wait for somebody who says that they are gone. */
  hook?: HookConfig | undefined;
  /** Silence after which a VM is lost and to be deleted; without it never. */
  lostAfterMs?: number | undefined;
  /** Silence after which a VM counts as stalled. */
  stallAfterMs: number;
}

export interface DeletionKeeper {
  /** Something may be due. */
  nudge(): void;
  /** Ends hooks that run; what they were about is asked for again by the next receiver. */
  stop(): Promise<void>;
}

/** Hooks at one time. */
const PARALLEL = 8;
/** Hooks that are looked at, more than run, since those of a fleet wait for each other. */
const LOOKED_AT = 100;
/** Between two looks where nothing is due. */
const IDLE_MS = 30_000;
/** After a failure of ours, such as a full disk. */
const FAILED_MS = 10_000;

/** Fleets whose size is read and written in two steps, so that just one hook may do it at a time. */
const ONE_BY_ONE: ReadonlySet<string> = new Set(['ec2-fleet', 'spot-fleet']);
const turnOf = ({ vmId, latest }: VmRecord): string => {
  const { groupKind = '', group = '' } = latest?.cloud ?? {};
  return ONE_BY_ONE.has(groupKind) ? `${groupKind} ${group}` : vmId;
};

/**
 * Sees to it that what is to be deleted is deleted: asks the hook when it is due, as often as it takes, and gives up
 * VMs that went silent. Everything that it has to remember lies in the storage before and after each call.
 */
export const startDeletionKeeper = (
  ports: CallPorts & { log: Log },
  { hook, lostAfterMs, stallAfterMs }: DeletionConfig,
): DeletionKeeper => {
  const { clock, log, storage } = ports;
  const stopping = new AbortController();
  /** By whose turn it is: a VM, or its fleet. */
  const running = new Map<string, Promise<void>>();
  const giveUpLost =
    lostAfterMs === undefined
      ? async () => undefined
      : createLostJudge(ports, { afterMs: lostAfterMs, stallAfterMs });
  let wake = new AbortController();

  const attempt = async (vm: VmRecord, config: HookConfig): Promise<void> => {
    const call = await callHook(ports, vm, { config, stallAfterMs }, stopping.signal);
    if (call === undefined) return;
    const { event, tookMs } = call;
    const { outcome, exitCode, said } = call.answer;
    const told = { vmId: vm.vmId, event, outcome, exitCode, tookMs, said };
    if (outcome === 'gave-up' && event === 'delete')
      log.error(told, 'a VM cannot be deleted, and may go on being billed');
    else log.info(told, 'hook');
  };

  const start = (vm: VmRecord, config: HookConfig): void => {
    const work = attempt(vm, config)
      .catch(async (error: unknown) => {
        log.error({ vmId: vm.vmId, error: messageOf(error) }, 'a hook could not be seen to');
        await clock.sleep(FAILED_MS, stopping.signal);
      })
      .finally(() => {
        running.delete(turnOf(vm));
        wake.abort();
      });
    running.set(turnOf(vm), work);
  };

  /** Starts what is due; ms until the next is. */
  const runDue = async (config: HookConfig): Promise<number> => {
    for (const vm of await storage.dueHooks(LOOKED_AT)) {
      if (running.has(turnOf(vm))) continue;
      const dueMs = (vm.deletion?.dueMs ?? vm.guard?.dueMs ?? 0) - clock.wallMs();
      if (dueMs > 0) return dueMs;
      if (running.size >= PARALLEL) return IDLE_MS;
      start(vm, config);
    }
    return IDLE_MS;
  };

  const run = async (): Promise<void> => {
    while (!stopping.signal.aborted) {
      wake = new AbortController();
      let waitMs = IDLE_MS;
      try {
        await giveUpLost();
        if (hook !== undefined) waitMs = await runDue(hook);
      } catch (error) {
        log.error({ error: messageOf(error) }, 'deletions could not be looked at');
        waitMs = FAILED_MS;
      }
      const signal = AbortSignal.any([stopping.signal, wake.signal]);
      await clock.sleep(Math.min(IDLE_MS, Math.max(1, waitMs)), signal);
    }
  };

  const loop = run();
  return {
    nudge: () => wake.abort(),
    stop: async () => {
      stopping.abort();
      await loop;
      await Promise.all(running.values());
    },
  };
};
