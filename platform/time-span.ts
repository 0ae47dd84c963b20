/** systemd.time(7), as `systemctl show` prints spans. */
const UNITS: Readonly<Record<string, number>> = {
  us: 0.001,
  ms: 1,
  s: 1000,
  min: 60_000,
  h: 3_600_000,
  d: 86_400_000,
  w: 604_800_000,
  month: 2_629_800_000,
  y: 31_557_600_000,
};

/** `1min 30s` → ms, `infinity` → Infinity; `undefined` for anything that is no span. */
export const parseTimeSpan = (text: string): number | undefined => {
  if (text === 'infinity') return Number.POSITIVE_INFINITY;
  if (text === '0') return 0;
  let totalMs = 0;
  for (const part of text.split(' ')) {
    const [, amount, unit = ''] = /^(\d{1,12}(?:\.\d{1,6})?)([a-z]+)$/.exec(part) ?? [];
    const size = UNITS[unit];
    if (amount === undefined || size === undefined) return undefined;
    totalMs += Number(amount) * size;
  }
  return totalMs;
};
