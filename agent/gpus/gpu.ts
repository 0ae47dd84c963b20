import * as v from 'valibot';

/** A GPU, or a part of one that counts as one (MIG), as it is given to a pilot. */
export const Gpu = v.object({
  vendor: v.picklist(['nvidia', 'amd']),
  /** By which programs ask for it, such as `GPU-5d5ba0d6-d33d-2b2c-524d-9e3d8d2b8a77`. */
  uuid: v.string(),
  model: v.string(),
  memoryMb: v.optional(v.number()),
  /** With MIG: the GPU that it is a part of. */
  partOf: v.optional(v.string()),
  /** Its own device files; empty where they are not known. */
  devices: v.array(v.string()),
});
export type Gpu = v.InferOutput<typeof Gpu>;

const uuidsOf = (gpus: readonly Gpu[], vendor: Gpu['vendor']): string =>
  gpus
    .filter(gpu => gpu.vendor === vendor)
    .map(({ uuid }) => uuid)
    .join(',');

/**
 * What a pilot is told of its GPUs, and of those of others by leaving them out: CUDA's and ROCm's own
 * variables, and that of NVIDIA's container tools. Nothing on a machine without GPUs.
 */
export const gpuEnvironment = (gpus: readonly Gpu[] | undefined): Record<string, string> => {
  if (gpus === undefined) return {};
  const nvidia = uuidsOf(gpus, 'nvidia');
  return {
    PILOTAGE_GPUS: String(gpus.length),
    CUDA_VISIBLE_DEVICES: nvidia,
    NVIDIA_VISIBLE_DEVICES: nvidia === '' ? 'void' : nvidia,
    ROCR_VISIBLE_DEVICES: uuidsOf(gpus, 'amd'),
  };
};

/** What every program that uses a GPU of this maker opens beside the GPU itself. */
const SHARED_DEVICES = {
  nvidia: ['/dev/nvidiactl', 'char-nvidia-uvm', '/dev/nvidia-modeset'],
  amd: ['/dev/kfd'],
};

/**
 * Device files, or groups of them as systemd names them, that a pilot with these GPUs may open beside the
 * ordinary ones. `undefined`: nothing is to be closed to it, since the machine has no GPUs, or it is not
 * known by which files it would open its own.
 */
export const gpuDevices = (gpus: readonly Gpu[] | undefined): readonly string[] | undefined => {
  if (gpus === undefined || gpus.some(({ devices }) => devices.length === 0)) return undefined;
  const vendors = new Set(gpus.map(({ vendor }) => vendor));
  return [
    ...new Set([
      ...[...vendors].flatMap(vendor => SHARED_DEVICES[vendor]),
      // Which part of a GPU may be used is decided by files of its own, for all parts in one group.
      ...(gpus.some(({ partOf }) => partOf !== undefined) ? ['char-nvidia-caps'] : []),
      ...gpus.flatMap(({ devices }) => devices),
    ]),
  ];
};
