import { FAILED, measured, NO_DATA, type Reading } from './reading.ts';

/** This clock less the receiver's, as one of its answers told. */
export interface ClockOffset {
  /** `undefined`: its time could not be understood. */
  offsetMs: number | undefined;
  /** When it was told. */
  monotonicMs: number;
}

/** Older than this it counts as none: clocks drift, and are set. */
const MOST_OLD_MS = 3_600_000;

/**
 * The receiver told its time somewhere between the question and the answer, so half of what lies between is
 * the most that this is wrong by.
 * @param receiverTime as ISO 8601 has it
 */
export const clockOffsetOf = (
  receiverTime: string,
  asked: { monotonicMs: number },
  answered: { monotonicMs: number; wallMs: number },
): ClockOffset => {
  const { monotonicMs, wallMs } = answered;
  const between = wallMs - (monotonicMs - asked.monotonicMs) / 2;
  const offsetMs = between - Date.parse(receiverTime);
  return { offsetMs: Number.isFinite(offsetMs) ? offsetMs : undefined, monotonicMs };
};

/** As a reading, and how old it is, ms. */
export const readClockOffset = (
  told: ClockOffset,
  nowMs: number,
): { reading: Reading; ageMs: number } => {
  const ageMs = Math.max(0, nowMs - told.monotonicMs);
  if (ageMs > MOST_OLD_MS) return { reading: NO_DATA, ageMs };
  return { reading: told.offsetMs === undefined ? FAILED : measured(told.offsetMs), ageMs };
};
