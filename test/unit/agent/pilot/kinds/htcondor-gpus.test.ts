import { describe, expect, test } from 'vitest';
import type { Gpu } from '../../../../../agent/gpus/gpu.ts';
import { htcondorKind } from '../../../../../agent/pilot/kinds/htcondor.ts';
import { runOf } from './runs.ts';

const condor = () => runOf('htcondor', { collectors: ['cm.example.org'], token: 'pool' });
const configurationOf = (run: ReturnType<typeof condor>): string =>
  String(
    htcondorKind.launch(run).files.find(({ path }) => path.endsWith('/condor_config'))?.content,
  );
const lineOf = (configuration: string, key: string): string | undefined =>
  configuration
    .split('\n')
    .find(line => line.startsWith(`${key} = `))
    ?.slice(key.length + 3);

describe('GPUs of a condor pilot', () => {
  const gpu = (uuid: string, vendor: Gpu['vendor'] = 'nvidia'): Gpu => ({
    ...{ vendor, uuid, model: 'T4', devices: [] },
  });
  const withGpus = (gpus: Gpu[]) => {
    const run = condor();
    return { ...run, slot: { ...run.slot, gpus } };
  };
  const inventoryOf = (run: ReturnType<typeof condor>) =>
    htcondorKind.launch(run).files.find(({ path }) => path.endsWith('/gpus'))?.content;

  test('are those of its slot, and none that condor finds by itself', () => {
    const run = withGpus([gpu('GPU-1a-b'), { ...gpu('MIG-2'), memoryMb: 15360 }]);
    const configuration = configurationOf(run);
    expect(lineOf(configuration, 'STARTD_DETECT_GPUS')).toBe('false');
    expect(lineOf(configuration, 'MACHINE_RESOURCE_INVENTORY_GPUs')).toBe(
      '/bin/cat /run/pilotage/pilots/00-1/gpus',
    );
    expect(inventoryOf(run)).toBe(
      [
        'DetectedGPUs="GPU-1a-b, MIG-2"',
        'GPU_1a_b=[ id="GPU-1a-b"; DeviceName="T4"; DeviceUuid="1a-b"; ]',
        'MIG_2=[ id="MIG-2"; DeviceName="T4"; GlobalMemoryMb=15360; ]',
        '',
      ].join('\n'),
    );
  });

  test('are told to a job in the words of their maker', () => {
    const wordFor = (vendor: Gpu['vendor']) =>
      lineOf(configurationOf(withGpus([gpu('GPU-3', vendor)])), 'ENVIRONMENT_FOR_AssignedGPUs');
    expect(wordFor('nvidia')).toBe('CUDA_VISIBLE_DEVICES=/CUDA//');
    expect(wordFor('amd')).toBe('ROCR_VISIBLE_DEVICES=/CUDA//');
  });

  test('are none where others have them, and not spoken of on a machine without', () => {
    const none = withGpus([]);
    expect(lineOf(configurationOf(none), 'STARTD_DETECT_GPUS')).toBe('false');
    expect(configurationOf(none)).not.toContain('MACHINE_RESOURCE');
    expect(inventoryOf(none)).toBeUndefined();
    expect(configurationOf(condor())).not.toContain('GPU');
  });
});
