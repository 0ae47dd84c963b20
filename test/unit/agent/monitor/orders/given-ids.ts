/** An id of version 7, as a receiver gives it so many ms after another's time. */
export const idAt = (ms: number, prefix = ''): string => {
  const time = (1_700_000_000_000 + ms).toString(16).padStart(12, '0');
  return `${prefix}${time.slice(0, 8)}-${time.slice(8)}-7000-8000-000000000000`;
};
