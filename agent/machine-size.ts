import * as v from 'valibot';
import { Gpu } from './gpus/gpu.ts';

/** What of a machine can be shared out among pilots. */
export const MachineSize = v.object({
  /** Logical processors that may be used. */
  cores: v.number(),
  /** The same with hyper-threads of one core counted once; where it is not known, as many. */
  physicalCores: v.optional(v.number()),
  memoryMb: v.number(),
  /** Absent where the machine has none. */
  gpus: v.optional(v.array(Gpu)),
});
export type MachineSize = v.InferOutput<typeof MachineSize>;
