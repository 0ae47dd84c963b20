import type { WireReading } from '../../protocol/words.ts';

/** `1.25`, or why there is no number: `?` for none yet, `failed`. */
export const readingText = (reading: WireReading | null): string => {
  if (reading === null) return '-';
  if (!reading.ok) return reading.reason === 'failed' ? 'failed' : '?';
  return Number.isInteger(reading.value) ? String(reading.value) : reading.value.toFixed(2);
};
