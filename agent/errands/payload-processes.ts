import type { ProcessFacts } from '../peek/process-facts.ts';

export interface PayloadView {
  /** Below which of a pilot's processes its payloads run; `undefined` where its kind does not tell. */
  isRunner?: ((process: Pick<ProcessFacts, 'name' | 'command'>) => boolean) | undefined;
  /** The first of a run's processes is the agent's own, as where units are sessions. */
  hasLeader: boolean;
}

/**
 * Those of a pilot's processes that are its payloads', and not the pilot itself: what runs below its kind's
 * runners; of a kind without any, all below the pilot's first process, or that one where it is alone.
 */
export const payloadProcesses = (
  processes: readonly ProcessFacts[],
  { isRunner, hasLeader }: PayloadView,
): ProcessFacts[] => {
  const pids = new Set(processes.map(({ pid }) => pid));
  const childrenOf = Map.groupBy(processes, ({ parent }) => parent);
  const below = (roots: readonly ProcessFacts[]): ProcessFacts[] => {
    const found = new Set<ProcessFacts>();
    const waiting = roots.flatMap(({ pid }) => childrenOf.get(pid) ?? []);
    for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
      if (found.has(next)) continue;
      found.add(next);
      waiting.push(...(childrenOf.get(next.pid) ?? []));
    }
    return [...found];
  };
  if (isRunner !== undefined) return below(processes.filter(isRunner));
  const tops = processes.filter(({ parent }) => !pids.has(parent));
  const mains = hasLeader ? tops.flatMap(({ pid }) => childrenOf.get(pid) ?? []) : tops;
  const payloads = below(mains);
  return payloads.length === 0 ? mains : payloads;
};

/** proc(5): the handlers of a process, a bit for each signal. False where there is none, or no such process. */
export const catchesSignal = (status: string, number: number): boolean => {
  const mask = /^SigCgt:\s*([0-9a-f]{1,16})$/m.exec(status)?.[1];
  return mask !== undefined && ((BigInt(`0x${mask}`) >> BigInt(number - 1)) & 1n) === 1n;
};
