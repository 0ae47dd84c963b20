import * as v from 'valibot';

const MOST = 1000;

/** How many of a list are asked for: query strings hold text. */
export const queryLimit = (usual: number) =>
  v.optional(
    v.pipe(
      v.string(),
      v.regex(/^\d{1,15}$/, 'must be a whole number'),
      v.transform(Number),
      v.minValue(1),
      v.maxValue(MOST),
    ),
    String(usual),
  );
