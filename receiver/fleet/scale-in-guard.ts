import type { CloudWord } from '../../protocol/cloud.ts';
import { backOffMs, type HookOutcome } from './deletion.ts';
import type { LatestHeartbeat } from './vm-record.ts';

/**
 * Whether a VM of a group is kept from being taken when the group shrinks. Times are the receiver's own, ms since
 * 1970.
 */
export interface ScaleInGuard {
  wanted: boolean;
  /** What the cloud was last brought to; absent while nobody knows. */
  isSet?: boolean;
  /** When the hook is to be asked; absent while nothing is to be changed. */
  dueMs?: number;
  attempts: number;
  hasGivenUp?: boolean;
  said: string;
}

/** Groups that can be told to spare one of their VMs. */
const CAN_SPARE: ReadonlySet<string> = new Set(['auto-scaling-group', 'scale-set']);

/** Between two payloads nothing is changed. */
const IDLE_MS = 120_000;
const RETRY_MS = { first: 30_000, most: 600_000 };

/**
 * Whether a VM does work that would be lost. What cannot be read, and a pilot that does not tell, count as work; no
 * pilot that runs is none.
 */
export const isBusy = ({
  payloads,
  pilots,
}: Pick<LatestHeartbeat, 'payloads' | 'pilots'>): boolean =>
  payloads.ok ? payloads.value > 0 : pilots.some(({ state }) => state === 'running');

/** The guard after a VM's newest heartbeat; none for a VM that is in no group of that kind, or ends. */
export const guardAfterHeartbeat = (
  guard: ScaleInGuard | undefined,
  latest: LatestHeartbeat,
  cloud: CloudWord | undefined,
  nowMs: number,
): ScaleInGuard | undefined => {
  if (!CAN_SPARE.has(cloud?.groupKind ?? '') || latest.state === 'halted') return undefined;
  const wanted = isBusy(latest);
  if (guard === undefined)
    return wanted ? { wanted, dueMs: nowMs, attempts: 0, said: '' } : undefined;
  if (guard.wanted === wanted || guard.hasGivenUp === true) return { ...guard, wanted };
  const { dueMs: _, ...rest } = guard;
  const changed = { ...rest, wanted, attempts: 0 };
  if (guard.isSet === wanted) return changed;
  return { ...changed, dueMs: nowMs + (wanted ? 0 : IDLE_MS) };
};

/**
 * After the hook was asked.
 * @param asked what it was asked for; the VM may want something else by now
 */
export const afterGuardHook = (
  guard: ScaleInGuard,
  asked: boolean,
  { outcome, said }: { outcome: HookOutcome; said: string },
  nowMs: number,
  random: number,
): ScaleInGuard => {
  const { dueMs: _, ...rest } = guard;
  switch (outcome) {
    case 'done':
    case 'asked': {
      const settled = { ...rest, isSet: asked, attempts: 0, said };
      return guard.wanted === asked ? settled : { ...settled, dueMs: nowMs };
    }
    case 'later': {
      const attempts = guard.attempts + 1;
      return { ...guard, attempts, said, dueMs: nowMs + backOffMs(attempts, RETRY_MS, random) };
    }
    case 'not-found':
    case 'gave-up':
      return { ...rest, attempts: guard.attempts + 1, hasGivenUp: true, said };
  }
};
