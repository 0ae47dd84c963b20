const HOUR_S = 3600;

const duration = (seconds: number): string =>
  seconds % HOUR_S === 0 ? `${seconds / HOUR_S}h` : `${Math.floor(seconds)}s`;

/** A hard end, and before it a payload's time and a spread that leave room for work. */
export const fitLifetime = (maxS: number): { max: string; payload: string; spread: string } => ({
  max: duration(maxS),
  payload: duration(Math.min(6 * HOUR_S, maxS / 2)),
  spread: duration(Math.min(HOUR_S, maxS / 12)),
});
