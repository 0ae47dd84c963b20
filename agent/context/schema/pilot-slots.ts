import * as v from 'valibot';
import { whole } from './words.ts';

/** How the VM is packed with pilots, in words that all kinds share. */

/**
 * `per-core`: a slot for each core; `fixed`: slots of `coresPerSlot` cores; `whole-node`: one slot with
 * everything, for a pilot that runs one payload at a time; `pool`: the same, for a pilot that shares it
 * out among payloads of its own choice (HTCondor's slot is partitionable either way); `per-gpu`: a slot
 * for each GPU, with an equal share of cores and memory.
 */
export const SlotLayout = v.picklist(
  ['per-core', 'whole-node', 'fixed', 'pool', 'per-gpu'],
  'one of: per-core, whole-node, fixed, pool, per-gpu',
);
export type SlotLayout = v.InferOutput<typeof SlotLayout>;

const Cores = whole(1, 4096);
const MemoryMb = whole(16, 100_000_000);

const Reserve = v.strictObject({
  cores: v.optional(whole(0, 4096), 0),
  /** Without it, a twentieth. */
  memoryMb: v.optional(whole(0, 100_000_000)),
});

export const SLOT_KEYS = {
  /** Cores of each slot, with `slots: fixed`. */
  coresPerSlot: v.optional(Cores),
  /** Memory of each slot: as many slots as fit by cores and by memory. Without it they share all of it. */
  memoryMbPerSlot: v.optional(MemoryMb),
  /** What stays with the system, of which no pilot gets anything. */
  reserve: v.optional(Reserve, {}),
  /** Hyper-threads of one core: `count` each as a core, or `ignore` all but one. */
  threads: v.optional(v.picklist(['count', 'ignore'], 'one of: count, ignore'), 'count'),
  /**
   * `one-per-slot`: each GPU goes to a slot of its own, to which no other has access; slots without one
   * come after. A slot that has the whole VM has all of them. `none`: no pilot can open one.
   */
  gpus: v.optional(
    v.picklist(['one-per-slot', 'none'], 'one of: one-per-slot, none'),
    'one-per-slot',
  ),
  /** Of slots with a GPU, where they are to have other cores than the rest. */
  coresPerGpuSlot: v.optional(Cores),
  /** The same of memory. */
  memoryMbPerGpuSlot: v.optional(MemoryMb),
};

/** Slots with a GPU are of a size of their own only where there are others beside them. */
export const hasGpuSlots = (slots: SlotLayout, gpus: 'one-per-slot' | 'none'): boolean =>
  (slots === 'per-core' || slots === 'fixed') && gpus !== 'none';
