import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  numberOf,
  parseParts,
  parseRows,
  queryGpus,
  queryPrograms,
} from '../../../../agent/gpus/nvidia-smi.ts';
import { createExec } from '../../../../platform/exec.ts';
import { execOfSmi } from '../../../support/gpu-machine.ts';
import { answerAsSmi, DRIVER_GONE, type FakeSmi } from '../../../support/nvidia-smi.ts';

const T4: FakeSmi = {
  gpus: [{ uuid: 'GPU-1a', name: 'Tesla T4', 'memory.total': '15360', 'utilization.gpu': '37' }],
  programs: [{ gpu_uuid: 'GPU-1a', pid: '4711' }],
};

describe('the stand-in keeps to the manual', () => {
  const CSV = '--format=csv,noheader,nounits';
  test.each<[string, string[], number, string]>([
    ['values in the order asked', ['--query-gpu=name,index', CSV], 0, 'Tesla T4, 0\n'],
    [
      'header and units unless asked away',
      ['--query-gpu=index,memory.total', '--format=csv'],
      0,
      'index, memory.total [MiB]\n0, 15360 MiB\n',
    ],
    [
      'an unknown field is refused',
      ['--query-gpu=uuid,cuda_version', CSV],
      2,
      'Field "cuda_version" is not a valid field to query.\n',
    ],
    ['a table needs its format', ['--query-gpu=uuid'], 2, '"--format=" switch is missing.\n'],
    ['what is not told', ['--query-gpu=utilization.memory', CSV], 0, '[N/A]\n'],
    ['GPUs in a list', ['-L'], 0, 'GPU 0: Tesla T4 (UUID: GPU-1a)\n'],
  ])('%s', (_what, args, exitCode, stdout) => {
    expect(answerAsSmi(T4, args)).toEqual({ exitCode, stdout });
  });
});

describe('what is asked of it', () => {
  test('comes back by name', async () => {
    expect(await queryGpus(execOfSmi(T4), ['uuid', 'utilization.gpu'])).toEqual([
      { uuid: 'GPU-1a', 'utilization.gpu': '37' },
    ]);
    expect(await queryPrograms(execOfSmi(T4))).toEqual([{ gpu_uuid: 'GPU-1a', pid: '4711' }]);
  });

  test('no GPU is no failure, whatever code says so', async () => {
    expect(await queryGpus(execOfSmi({ gpus: [] }), ['uuid'])).toEqual([]);
    const older = { exitCode: 0, stdout: 'No devices were found\n' };
    expect(await queryGpus(execOfSmi(older), ['uuid'])).toEqual([]);
  });

  test.each([
    ['a driver that has gone', DRIVER_GONE],
    ['an object that was not found', { exitCode: 6, stdout: 'Unable to determine the device\n' }],
    ['a GPU that is lost', { exitCode: 15, stdout: 'GPU is lost\n' }],
    ['another number of values', { exitCode: 0, stdout: 'GPU-1a, 3, 4\n' }],
    ['a value that is missing', { exitCode: 0, stdout: 'GPU-1a, \n' }],
    ['a table without end', { exitCode: 0, stdout: 'GPU-1a, 3\n'.repeat(2000) }],
  ])('%s is a failure, never no GPU', async (_what, reply) => {
    const asking = queryGpus(execOfSmi(reply), ['uuid', 'utilization.gpu']);
    await expect(asking).rejects.toMatchObject({ code: 'command-failed' });
  });

  test('whatever it prints is understood or refused', () => {
    fc.assert(
      fc.property(fc.string(), text => {
        try {
          for (const row of parseRows(['uuid', 'name'], text))
            expect(Object.keys(row)).toEqual(['uuid', 'name']);
        } catch (error) {
          expect(error).toMatchObject({ code: 'command-failed' });
        }
      }),
    );
  });

  test('numbers, and what stands in their place', () => {
    expect(
      ['37', '0', '15360.5', '[N/A]', '[Not Supported]', '', '-1', '0x1'].map(numberOf),
    ).toEqual([37, 0, 15360.5, undefined, undefined, undefined, undefined, undefined]);
  });
});

test('parts of a GPU, in the words of old drivers and new ones', () => {
  expect(
    parseParts(
      [
        'GPU 0: NVIDIA A100-SXM4-80GB (UUID: GPU-b614723c-e261-4605-066e-79daab4c00ff)',
        '  MIG 7g.80gb     Device  0: (UUID: MIG-dc34c2fd-4bd7-52ad-a6d0-645dcd1794e4)',
        'GPU 1: A100-PCIE-40GB (UUID: GPU-9de3d0e8-33f5-10dc-0c79-2c88a7ab0a23)',
        '  MIG 1g.5gb Device 0: (UUID: MIG-GPU-9de3d0e8-33f5-10dc-0c79-2c88a7ab0a23/9/0)',
        'GPU 2: Tesla T4 (UUID: GPU-81495ec7-da36-8ea5-9f7d-5804aa3fef20)',
      ].join('\n'),
    ),
  ).toEqual([
    {
      of: 'GPU-b614723c-e261-4605-066e-79daab4c00ff',
      model: 'MIG 7g.80gb',
      uuid: 'MIG-dc34c2fd-4bd7-52ad-a6d0-645dcd1794e4',
    },
    {
      of: 'GPU-9de3d0e8-33f5-10dc-0c79-2c88a7ab0a23',
      model: 'MIG 1g.5gb',
      uuid: 'MIG-GPU-9de3d0e8-33f5-10dc-0c79-2c88a7ab0a23/9/0',
    },
  ]);
});

/** The same against the real one, on a machine that has it. */
const REAL = '/usr/bin/nvidia-smi';
if (existsSync(REAL) && existsSync('/proc/driver/nvidia'))
  test('the real program knows every field, and refuses others as the stand-in does', async () => {
    const fields = [
      ...(['index', 'uuid', 'name', 'memory.total', 'driver_version'] as const),
      ...(['ecc.errors.uncorrected.volatile.total', 'utilization.gpu'] as const),
    ];
    for (const row of await queryGpus(createExec(), fields)) expect(row.uuid).toMatch(/^GPU-/);
    expect(() => execFileSync(REAL, ['--query-gpu=cuda_version', '--format=csv'])).toThrow();
  });
