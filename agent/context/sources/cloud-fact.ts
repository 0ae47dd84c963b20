import type { CloudFacts } from './source.ts';

/** A fact as a cloud told it: one line of plain text, bounded; anything else counts as not told. */
export const cloudFact = (value: unknown): string | undefined => {
  const text = typeof value === 'number' ? String(value) : value;
  if (typeof text !== 'string') return undefined;
  const trimmed = text.trim();
  return /^[\x20-\x7e]{1,255}$/.test(trimmed) ? trimmed : undefined;
};

/** `projects/1/zones/europe-west6-a` → `europe-west6-a`. */
export const lastPart = (path: string | undefined): string | undefined =>
  cloudFact(path?.slice(path.lastIndexOf('/') + 1));

/** Without the keys that nothing was told of. */
export const cloudFacts = (
  facts: {
    [K in keyof CloudFacts]: CloudFacts[K] | undefined;
  },
): CloudFacts =>
  Object.fromEntries(Object.entries(facts).filter(([, value]) => value !== undefined));
