import type { ErrandHands } from '../monitor/errands.ts';
import type { Monitor, Prepared } from '../monitor/tick.ts';
import type { AgentPorts } from '../ports.ts';
import type { LogRing } from '../uplink/log-ring.ts';
import type { Uplink } from '../uplink/uplink.ts';
import type { Preparer } from './prepare.ts';

export interface ErrandParts {
  ring: LogRing;
  preparer: Pick<Preparer, 'reload'>;
  /** The first contextualization. */
  preparing(): Promise<void>;
  prepared(): Prepared;
  takeUp(prepared: Prepared): void;
  monitor(): Pick<Monitor, 'runOf'>;
  /** `undefined` where the context names no receiver. */
  uplink(): Pick<Uplink, 'wantLogs' | 'wantNamed'> | undefined;
}

/** What orders have done. Loaded when somebody first asks: most agents are never asked for any of it. */
export const createErrandHands = (ports: AgentPorts, parts: ErrandParts): ErrandHands => ({
  signal: async (errand, signal) => {
    const { signalPayloads } = await import('../errands/signal-payloads.ts');
    const find = (slot: string) => parts.monitor().runOf(slot);
    return signalPayloads({ ...ports, find }, errand, signal);
  },
  'collect-logs': async errand => {
    const { collectLogs } = await import('../errands/collect-logs.ts');
    return collectLogs({ ...ports, ring: parts.ring, uplink: parts.uplink() }, errand);
  },
  'rediscover-squids': async (_, signal) => {
    await parts.preparing();
    const { rediscoverSquids } = await import('../errands/rediscover-squids.ts');
    return rediscoverSquids(ports, parts.prepared().context, signal);
  },
  'reload-context': async (_, signal) => {
    await parts.preparing();
    const { describeReload } = await import('../errands/describe-reload.ts');
    const before = parts.prepared();
    const after = await parts.preparer.reload(signal);
    signal.throwIfAborted();
    parts.takeUp(after);
    return { outcome: 'done', detail: describeReload(before, after) };
  },
});
