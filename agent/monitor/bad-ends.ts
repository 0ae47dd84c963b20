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

/** Runs that ended between two looks, and what each of them came to. */
export const endedRuns = (
  before: Slots,
  after: Slots,
): { unit: UnitName; exit: string | undefined; vac: number | undefined }[] =>
  Object.entries(before).flatMap(([slot, was]) => {
    const now = after[slot];
    const { generation } = was;
    if (now === undefined || !isAlive(was)) return [];
    if (isAlive(now) && now.generation === generation) return [];
    const vac = now.outcome === undefined ? undefined : OUTCOMES[now.outcome].vac;
    return [{ unit: { slot, generation }, exit: now.lastExit, vac }];
  });

/** Runs that ended between two looks, and not as they should: of those the whole log is of interest. */
export const badEnds = (before: Slots, after: Slots): UnitName[] =>
  Object.entries(before).flatMap(([slot, was]) => {
    const now = after[slot];
    const { generation } = was;
    if (now === undefined || !isAlive(was)) return [];
    const hasEnded = !isAlive(now) || now.generation !== generation;
    return hasEnded && isBad(was, now) ? [{ slot, generation }] : [];
  });
