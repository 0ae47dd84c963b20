import { describe, expect, test } from 'vitest';
import { type Gpu, gpuDevices, gpuEnvironment } from '../../../../agent/gpus/gpu.ts';
import { readGpus } from '../../../../agent/gpus/read-gpus.ts';
import { execOfSmi, filesWith, nvidiaHost } from '../../../support/gpu-machine.ts';
import { createMemoryFiles } from '../../../support/memory-files.ts';
import { DRIVER_GONE } from '../../../support/nvidia-smi.ts';

const [A, B] = ['GPU-aaaa', 'GPU-bbbb'];
const T4 = { name: 'Tesla T4', 'memory.total': '15360' };
const BOTH = {
  gpus: [
    { uuid: A, ...T4 },
    { uuid: B, ...T4 },
  ],
};

describe('the GPUs of a machine', () => {
  test('there are none without a driver, and nothing is run', async () => {
    expect(await readGpus(createMemoryFiles(), execOfSmi(DRIVER_GONE), true)).toBeUndefined();
  });

  test('each with the file that is its own, whatever the order of their numbers', async () => {
    const host = await nvidiaHost({ [A]: 1, [B]: 0 });
    const gpu = { vendor: 'nvidia', model: 'Tesla T4', memoryMb: 15360 };
    expect(await readGpus(host, execOfSmi(BOTH), true)).toEqual([
      { ...gpu, uuid: A, devices: ['/dev/nvidia1'] },
      { ...gpu, uuid: B, devices: ['/dev/nvidia0'] },
    ]);
  });

  test('a GPU that is divided counts by its parts', async () => {
    const parts = {
      [A]: [['3g.20gb', 'MIG-1'] as [string, string], ['4g.20gb', 'MIG-2'] as [string, string]],
    };
    const smi = { ...BOTH, parts };
    expect(
      await readGpus(await nvidiaHost({ [A]: 0, [B]: 1 }), execOfSmi(smi), true),
    ).toMatchObject([
      { uuid: 'MIG-1', model: 'Tesla T4 MIG 3g.20gb', partOf: A, devices: ['/dev/nvidia0'] },
      { uuid: 'MIG-2', partOf: A },
      { uuid: B, devices: ['/dev/nvidia1'] },
    ]);
  });

  test('a driver that does not answer is a failure where pilots want GPUs', async () => {
    const host = await nvidiaHost({ [A]: 0 });
    await expect(readGpus(host, execOfSmi(DRIVER_GONE), true)).rejects.toThrow(
      /^the GPUs cannot be asked: .*; remedy: mend the driver, or pilots.gpus: none/s,
    );
    expect(await readGpus(host, execOfSmi(DRIVER_GONE), false)).toEqual([]);
  });

  test("those of AMD, by the kernel's own topology", async () => {
    const nodes = '/sys/class/kfd/kfd/topology/nodes';
    const host = await filesWith({
      [`${nodes}/0/properties`]: 'cpu_cores_count 64\nsimd_count 0\nunique_id 0\n',
      [`${nodes}/1/properties`]:
        'cpu_cores_count 0\nsimd_count 416\ndrm_render_minor 128\nunique_id 11811160064\ngfx_target_version 90010\n',
      [`${nodes}/1/mem_banks/0/properties`]: 'heap_type 1\nsize_in_bytes 68702699520\n',
    });
    expect(await readGpus(host, execOfSmi(DRIVER_GONE), true)).toEqual([
      {
        vendor: 'amd',
        uuid: 'GPU-00000002c0000000',
        model: 'AMD gfx target 90010',
        memoryMb: 65520,
        devices: ['/dev/dri/renderD128'],
      },
    ]);
  });
});

describe('what a pilot is told and may open', () => {
  const nvidia = (uuid: string, more: Partial<Gpu> = {}): Gpu => ({
    ...{ vendor: 'nvidia', uuid, model: 'T4', devices: ['/dev/nvidia3'] },
    ...more,
  });
  test('its own, by UUID', () => {
    expect(gpuEnvironment([nvidia('GPU-1'), nvidia('GPU-2')])).toEqual({
      PILOTAGE_GPUS: '2',
      CUDA_VISIBLE_DEVICES: 'GPU-1,GPU-2',
      NVIDIA_VISIBLE_DEVICES: 'GPU-1,GPU-2',
      ROCR_VISIBLE_DEVICES: '',
    });
    expect(gpuDevices([nvidia('GPU-1')])).toEqual([
      '/dev/nvidiactl',
      'char-nvidia-uvm',
      '/dev/nvidia-modeset',
      '/dev/nvidia3',
    ]);
    expect(gpuDevices([nvidia('MIG-1', { partOf: 'GPU-1' })])).toContain('char-nvidia-caps');
  });

  test('none where the others have them', () => {
    expect(gpuEnvironment([])).toEqual({
      PILOTAGE_GPUS: '0',
      CUDA_VISIBLE_DEVICES: '',
      NVIDIA_VISIBLE_DEVICES: 'void',
      ROCR_VISIBLE_DEVICES: '',
    });
    expect(gpuDevices([])).toEqual([]);
  });

  test('nothing is said on a machine without, nor closed where it is not known what', () => {
    expect(gpuEnvironment(undefined)).toEqual({});
    expect(gpuDevices(undefined)).toBeUndefined();
    expect(gpuDevices([nvidia('GPU-1', { devices: [] })])).toBeUndefined();
  });
});
