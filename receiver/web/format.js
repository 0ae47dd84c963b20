const UNITS = [
  ['d', 86_400_000],
  ['h', 3_600_000],
  ['m', 60_000],
  ['s', 1000],
];

/** ms → its largest two units: `2h 5m`, `42s`; below a second `0s`. */
export const duration = ms => {
  const parts = [];
  let rest = ms;
  for (const [unit, size] of UNITS) {
    const count = Math.floor(rest / size);
    rest -= count * size;
    if (count > 0 || parts.length > 0) parts.push(`${count}${unit}`);
    if (parts.length === 2) break;
  }
  return parts.filter(part => !part.startsWith('0')).join(' ') || '0s';
};

/** A reading as a number; a missing one says why, and never looks like zero. */
export const reading = value => {
  if (value === null || value === undefined) return '–';
  if (!value.ok) return value.reason === 'failed' ? 'failed' : '–';
  return Number.isInteger(value.value) ? String(value.value) : value.value.toFixed(2);
};

/** Sorts readings; those without a number go last. */
export const readingRank = value => (value?.ok ? value.value : Number.NEGATIVE_INFINITY);
