/**
 * A measured value, or why there is none. `no-data`: there was nothing to read yet; `failed`: the
 * reading itself went wrong. Neither is ever taken for zero.
 */
export type Reading<T = number> =
  | { ok: true; value: T }
  | { ok: false; reason: 'no-data' | 'failed' };

export const measured = <T>(value: T): Reading<T> => ({ ok: true, value });
export const NO_DATA = { ok: false, reason: 'no-data' } as const satisfies Reading<never>;
export const FAILED = { ok: false, reason: 'failed' } as const satisfies Reading<never>;

/** A sum is known only if every part is. */
export const sumReadings = (readings: readonly Reading[]): Reading =>
  readings.find(reading => !reading.ok) ??
  measured(readings.reduce((sum, reading) => sum + (reading.ok ? reading.value : 0), 0));

/** For people and for `why`: the value with so many decimals, or the reason. */
export const describeReading = (reading: Reading, decimals = 2): string =>
  reading.ok ? String(Number(reading.value.toFixed(decimals))) : reading.reason;
