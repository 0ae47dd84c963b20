import { describe, expect, test } from 'vitest';
import type { Gpu } from '../../../../../agent/gpus/gpu.ts';
import type { Moment } from '../../../../../agent/moment.ts';
import { createReadDear } from '../../../../../agent/monitor/readings/dear.ts';
import { createGpuReading } from '../../../../../agent/monitor/readings/gpus.ts';
import type { Slot } from '../../../../../agent/pilot/slots.ts';
import { FAILED, measured, NO_DATA } from '../../../../../agent/reading.ts';
import type { Exec } from '../../../../../platform/exec.ts';
import { createLog } from '../../../../../platform/log.ts';
import { execOfSmi, filesWith } from '../../../../support/gpu-machine.ts';
import { createManualClock } from '../../../../support/manual-clock.ts';
import { createMemoryFiles } from '../../../../support/memory-files.ts';
import { DRIVER_GONE, type FakeSmi } from '../../../../support/nvidia-smi.ts';
import { at, contextOf, minutes } from '../worlds.ts';

const nvidia = (uuid: string, partOf?: string): Gpu => ({
  ...{ vendor: 'nvidia', uuid, model: 'T4', devices: [] },
  ...(partOf === undefined ? {} : { partOf }),
});
const slotsOf = (...gpus: Gpu[]): Slot[] => [
  { name: '00', cores: 1, memoryMb: 100, user: 'plt00', gpus },
  { name: '01', cores: 1, memoryMb: 100, user: 'plt01', gpus: [] },
];
const log = createLog('silent', () => undefined);
const context = contextOf();
const readerOf = (exec: Exec, host = createMemoryFiles(), clock = createManualClock()) => {
  const read = createReadDear({ clock, log }, [createGpuReading({ host, exec })]);
  return (now: Moment, slots: readonly Slot[]) => read(now, { context, slots }).gpus;
};

/** The answer to a look comes beside the ticks; the next look has it. */
const settled = () => new Promise(resolve => setImmediate(resolve));
const useOf = async (exec: Exec, slots: Slot[]) => {
  const read = readerOf(exec);
  expect(read(at(0), slots)).toEqual(NO_DATA);
  await settled();
  return read(at(1000), slots);
};
const smiOf = (percents: Record<string, string>, more: Partial<FakeSmi> = {}) =>
  execOfSmi({
    gpus: Object.entries(percents).map(([uuid, use]) => ({ uuid, 'utilization.gpu': use })),
    ...more,
  });

describe('GPUs in use', () => {
  test.each([
    ['the sum of those that pilots have', smiOf({ 'GPU-1': '37', 'GPU-2': '63', x: '99' }), 1],
    ['idle ones', smiOf({ 'GPU-1': '0', 'GPU-2': '0' }), 0],
  ])('%s', async (_what, exec, use) => {
    expect(await useOf(exec, slotsOf(nvidia('GPU-1'), nvidia('GPU-2')))).toEqual(measured(use));
  });

  test('are no reading at all where pilots have none', () => {
    expect(readerOf(execOfSmi(DRIVER_GONE))(at(0), slotsOf())).toBeUndefined();
  });

  test.each([
    ['a driver that has gone', execOfSmi(DRIVER_GONE)],
    ['a GPU that is no longer there', smiOf({ 'GPU-2': '0' })],
    ['no GPU any more', execOfSmi({ gpus: [] })],
  ])('%s is a failed reading, never an idle one', async (_what, exec) => {
    expect(await useOf(exec, slotsOf(nvidia('GPU-1')))).toEqual(FAILED);
  });

  test('a GPU that is divided is in use as long as any program holds one', async () => {
    const slots = slotsOf(nvidia('MIG-1', 'GPU-1'), nvidia('MIG-2', 'GPU-1'));
    const divided = { 'GPU-1': '[N/A]' };
    const programs = [{ gpu_uuid: 'GPU-1', pid: '7' }];
    expect(await useOf(smiOf(divided), slots)).toEqual(measured(0));
    expect(await useOf(smiOf(divided, { programs }), slots)).toEqual(measured(1));
  });

  test("of AMD's, by the driver's own file", async () => {
    const host = await filesWith({ '/sys/class/drm/renderD128/device/gpu_busy_percent': '42\n' });
    const gpu: Gpu = { vendor: 'amd', uuid: 'GPU-0', model: 'x', devices: ['/dev/dri/renderD128'] };
    const read = readerOf(execOfSmi(DRIVER_GONE), host);
    read(at(0), slotsOf(gpu));
    await settled();
    expect(read(at(1), slotsOf(gpu))).toEqual(measured(0.42));
  });

  test('is asked once a minute, and a driver that hangs holds no look up and has failed', async () => {
    let asked = 0;
    let answer: () => void = () => undefined;
    const exec: Exec = {
      run: () => {
        asked += 1;
        return new Promise(resolve => {
          answer = () => resolve({ exitCode: 0, stdout: 'GPU-1, 0\n', stderr: '' });
        });
      },
    };
    const clock = createManualClock();
    const read = readerOf(exec, undefined, clock);
    const slots = slotsOf(nvidia('GPU-1'));
    read(at(0), slots);
    answer();
    await settled();
    expect(read(at(minutes(1) - 1), slots)).toEqual(measured(0));
    expect(asked).toBe(1);
    read(at(minutes(1)), slots);
    expect(asked).toBe(2);
    expect(read(at(minutes(1) + 1), slots)).toEqual(measured(0));
    await clock.advance(minutes(2));
    expect(read(at(minutes(4)), slots)).toEqual(FAILED);
    expect(asked).toBe(2);
  });
});
