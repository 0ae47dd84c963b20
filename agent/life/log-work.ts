import { withDeadline } from '../../platform/with-deadline.ts';
import { credentialCopies } from '../context/planners/credentials.ts';
import type { BulkLogs } from '../logs/bulk-logs.ts';
import { createLogKeeper } from '../logs/keep-logs.ts';
import type { LogStore } from '../logs/log-store.ts';
import type { Prepared } from '../monitor/tick.ts';
import type { AgentPorts } from '../ports.ts';

/** What is done with logs beside the ticks and the heartbeats, once the context is known. */
export interface LogWork {
  run(signal: AbortSignal): Promise<void>;
  /** What is left to be put elsewhere, within that time. Never fails. */
  finish(timeoutMs: number): Promise<void>;
}

/** @param vm what this VM is called in the addresses that logs are put to */
export const createLogWork = (
  ports: Pick<AgentPorts, 'clock' | 'files' | 'log' | 'http' | 'random'>,
  store: LogStore,
  prepared: Prepared,
  vm: string,
): LogWork => {
  const { logs } = prepared.context;
  const slots = prepared.state === 'done' ? prepared.slots : [];
  const keeper = createLogKeeper(ports, store, logs);

  /** Loaded where the context asks for it, and only there. */
  const loadBulk = async (): Promise<BulkLogs | undefined> => {
    const { upload } = logs;
    if (upload === undefined) return undefined;
    const { createBulkLogs } = await import('../logs/bulk-logs.ts');
    const { credential } = upload;
    const copies = credential === undefined ? [] : credentialCopies(credential, slots);
    return createBulkLogs({ ...ports, store }, { upload, vm, credentialFile: copies[0]?.path });
  };
  const bulk = loadBulk();

  return {
    run: async signal => {
      await Promise.all([keeper.run(signal), bulk.then(loaded => loaded?.run(signal))]);
    },
    finish: async timeoutMs => {
      const loaded = await bulk;
      const endMs = ports.clock.monotonicMs() + timeoutMs;
      await withDeadline(ports.clock, timeoutMs, async over => {
        await loaded?.finish(over, endMs);
      });
    },
  };
};
