import type { Gpu } from '../../gpus/gpu.ts';
import { type HtcondorRun, placesOf } from './htcondor-places.ts';
import { literal } from './htcondor-words.ts';

/** A ClassAd attribute by the name of a GPU, as condor_gpu_discovery makes it. */
const attributeOf = (uuid: string): string => uuid.replace(/[^A-Za-z0-9]/g, '_');
const plain = (text: string): string => text.replace(/[^A-Za-z0-9 ._/()+-]/g, '');

/**
 * What condor_gpu_discovery -nested would print of these GPUs, as far as it is known (HTCondor 23.9): by
 * it jobs that ask for a GPU of some kind are matched.
 */
export const gpuInventory = (gpus: readonly Gpu[]): string =>
  [
    `DetectedGPUs="${gpus.map(({ uuid }) => plain(uuid)).join(', ')}"`,
    ...gpus.map(({ uuid, model, memoryMb }) => {
      const known = [
        `id="${plain(uuid)}"`,
        `DeviceName="${plain(model)}"`,
        // Of it condor makes NVIDIA_VISIBLE_DEVICES, with GPU- before it, which a part has not.
        ...(uuid.startsWith('GPU-') ? [`DeviceUuid="${plain(uuid).slice(4)}"`] : []),
        ...(memoryMb === undefined ? [] : [`GlobalMemoryMb=${memoryMb}`]),
      ];
      return `${attributeOf(uuid)}=[ ${known.map(item => `${item}; `).join('')}]`;
    }),
    '',
  ].join('\n');

/**
 * GPUs of the slot, one to a job that asks for it. Condor would find those of other slots too, so it
 * finds none by itself. Without the expression, which says what to leave out of each UUID, it leaves
 * nothing but digits in CUDA_VISIBLE_DEVICES. NVIDIA_VISIBLE_DEVICES it sets unasked.
 */
export const gpuSettings = (run: HtcondorRun): (readonly [string, string])[] => {
  const { gpus } = run.slot;
  if (gpus === undefined) return [];
  const [first] = gpus;
  const none = ['STARTD_DETECT_GPUS', 'false'] as const;
  if (first === undefined) return [none];
  return [
    none,
    ['MACHINE_RESOURCE_INVENTORY_GPUs', `/bin/cat ${literal(run.at(placesOf(run).gpus))}`],
    [
      'ENVIRONMENT_FOR_AssignedGPUs',
      `${first.vendor === 'nvidia' ? 'CUDA' : 'ROCR'}_VISIBLE_DEVICES=/CUDA//`,
    ],
    ['ENVIRONMENT_VALUE_FOR_UnAssignedGPUs', 'void'],
  ];
};
