import * as v from 'valibot';

/** What is published as Machine/Job Features beyond what follows from slots and deadlines. */
export const Features = v.strictObject({
  /** HS06 of the whole machine, as Machine/Job Features publishes it. */
  hs06: v.optional(v.pipe(v.number('a number'), v.minValue(0))),
});
