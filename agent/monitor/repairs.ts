import { messageOf } from '../../platform/errors.ts';
import { withDeadline } from '../../platform/with-deadline.ts';
import type { Context } from '../context/schema.ts';
import type { AgentPorts } from '../ports.ts';
import type { Repair } from './repair.ts';

/** Carries repairs out beside the ticks: one at a time, bounded in time and number. */
export interface Repairs {
  /** What is wanted now; what is under way, was tried a moment ago or too often is not begun again. */
  want(wanted: readonly Repair[], context: Context): void;
  stop(): Promise<void>;
}

type RepairPorts = Pick<AgentPorts, 'files' | 'exec' | 'clock' | 'log' | 'kind'>;

/** All of one repair; what it runs has bounds of its own. */
const REPAIR_MS = 600_000;
const BETWEEN_MS = 180_000;
/** In a row; the count begins anew once it is no longer wanted. */
const TRIES = 5;

export const createRepairs = (ports: RepairPorts): Repairs => {
  const { clock, log, kind: machine } = ports;
  const tried = new Map<Repair['kind'], { tries: number; lastMs: number }>();
  const over = new AbortController();
  let underWay: Promise<void> | undefined;

  const mend = async ({ kind }: Repair, context: Context): Promise<void> => {
    try {
      // A node is seldom sick: what mends it is loaded when it is.
      const { MENDERS } = await import('./mend.ts');
      log.warn({ repair: kind }, 'trying to make the node well again');
      const told = await withDeadline(clock, REPAIR_MS, late =>
        MENDERS[kind](ports, context, AbortSignal.any([late, over.signal])),
      );
      log.info({ repair: kind, told }, 'a repair was tried');
    } catch (error) {
      log.warn({ repair: kind, error: messageOf(error) }, 'a repair failed');
    }
  };

  const isDue = ({ kind }: Repair): boolean => {
    const { tries, lastMs } = tried.get(kind) ?? { tries: 0, lastMs: Number.NEGATIVE_INFINITY };
    return tries < TRIES && clock.monotonicMs() - lastMs >= BETWEEN_MS;
  };

  return {
    want: (wanted, context) => {
      const kinds = new Set(wanted.map(({ kind }) => kind));
      for (const [kind, { lastMs }] of tried)
        if (!kinds.has(kind)) tried.set(kind, { tries: 0, lastMs });
      const next = wanted.find(isDue);
      // The machine on which a folder lies is not ours to mend.
      if (next === undefined || underWay !== undefined || machine === 'folder') return;
      const { tries } = tried.get(next.kind) ?? { tries: 0 };
      tried.set(next.kind, { tries: tries + 1, lastMs: clock.monotonicMs() });
      underWay = mend(next, context).finally(() => {
        underWay = undefined;
      });
    },
    stop: async () => {
      over.abort();
      await underWay;
    },
  };
};
