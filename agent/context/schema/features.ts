import * as v from 'valibot';
import { AbsolutePath, whole } from './words.ts';

/** What is published as Machine/Job Features beyond what follows from slots and deadlines. */
export const Features = v.strictObject({
  /** HS06 of the whole machine, as Machine/Job Features publishes it. */
  hs06: v.optional(v.pipe(v.number('a number'), v.minValue(0))),
  /**
   * How much scratch space a slot has, its /tmp included: kept to by quota on a scratch disk of its own, where
   * setquota or xfs_quota is there; else the pilot that is over it is ended.
   */
  scratchMbPerSlot: v.optional(whole(1, 1_000_000_000)),
  /** How much swap a slot has at most. */
  swapMbPerSlot: v.optional(whole(0, 1_000_000_000)),
  /** $JOBOUTPUTS of Vac and Vcycle: a folder that is there, where the VM leaves what it came to. */
  jobOutputs: v.optional(AbsolutePath),
});
