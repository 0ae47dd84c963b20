import { OUTCOMES } from '../pilot/outcome.ts';
import { isAlive, type SlotState } from '../pilot/slot-state.ts';
import type { UnitName } from '../pilot/unit/unit.ts';

type Slots = Readonly<Record<string, SlotState>>;

const isBad = (before: SlotState, after: SlotState): boolean =>
  after.failures > before.failures ||
  after.state === 'gave-up' ||
  // It had to be killed, or went down with its machine.
  (before.state === 'stopping' && before.killed) ||
  before.since.bootId !== after.since.bootId;

/** A run that ended between two looks, and what it came to. */
export interface EndedRun {
  unit: UnitName;
  exit: string | undefined;
  vac: number | undefined;
  /** It ended not as it should: its whole log is of interest. */
  isBad: boolean;
}

export const endedRuns = (before: Slots, after: Slots): EndedRun[] =>
  Object.entries(before).flatMap(([slot, was]) => {
    const now = after[slot];
    const { generation } = was;
    if (now === undefined || !isAlive(was)) return [];
    if (isAlive(now) && now.generation === generation) return [];
    const vac = now.outcome === undefined ? undefined : OUTCOMES[now.outcome].vac;
    return [{ unit: { slot, generation }, exit: now.lastExit, vac, isBad: isBad(was, now) }];
  });
