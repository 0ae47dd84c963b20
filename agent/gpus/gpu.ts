import * as v from 'valibot';

/** A GPU, or a part of one that counts as one, as it is given to a pilot. */
export const Gpu = v.object({
  vendor: v.picklist(['nvidia', 'amd']),
  /** By which programs ask for it, such as `GPU-5d5ba0d6-d33d-2b2c-524d-9e3d8d2b8a77`. */
  uuid: v.string(),
  model: v.string(),
  memoryMb: v.optional(v.number()),
  /** Its own device files; empty where they are not known. */
  devices: v.array(v.string()),
});
export type Gpu = v.InferOutput<typeof Gpu>;
