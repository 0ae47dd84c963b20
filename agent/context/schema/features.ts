import * as v from 'valibot';
import { AbsolutePath, whole } from './words.ts';

/** What is published as Machine/Job Features beyond what follows from slots and deadlines. */
export const Features = v.strictObject({
  /** HS06 of the whole machine, as Machine/Job Features publishes it. */
  hs06: v.optional(v.pipe(v.number('a number'), v.minValue(0))),
  /** How much scratch space the jobs of a slot are asked to keep to; nothing enforces it. */
  scratchMbPerSlot: v.optional(whole(1, 1_000_000_000)),
  /** The same of swap. */
  swapMbPerSlot: v.optional(whole(0, 1_000_000_000)),
  /** $JOBOUTPUTS of Vac and Vcycle: a folder that is there, where the VM leaves what it came to. */
  jobOutputs: v.optional(AbsolutePath),
});
