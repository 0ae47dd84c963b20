/** Bounds of what a receiver may ask, ms. */
const SHORTEST_MS = 500;
const LONGEST_MS = 3_600_000;
const FIRST_RETRY_MS = 2000;
const LONGEST_RETRY_MS = 60_000;

/** The pace that the receiver set, within reason. */
export const paceMs = (nextHeartbeatMs: number): number =>
  Math.min(LONGEST_MS, Math.max(SHORTEST_MS, nextHeartbeatMs));

/**
 * When to try again after so many failures in a row: soon at first, then seldom, and never in step
 * with the rest of the fleet.
 * @param jitter from 0 to 1
 */
export const retryMs = (failures: number, jitter: number): number =>
  Math.min(LONGEST_RETRY_MS, FIRST_RETRY_MS * 2 ** Math.min(failures - 1, 10)) * (0.5 + jitter / 2);
