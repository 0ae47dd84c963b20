import { describe, expect, test } from 'vitest';
import { createMemory } from '../../../../agent/monitor/memory.ts';
import type { Ending } from '../../../../agent/monitor/state.ts';
import { PATHS } from '../../../../agent/paths.ts';
import { PilotageError } from '../../../../platform/errors.ts';
import type { Files } from '../../../../platform/files.ts';
import { createLog } from '../../../../platform/log.ts';
import { createFolderMachine } from '../../../support/folder-machine.ts';
import { at, T0 } from './worlds.ts';

const log = createLog('silent', () => undefined);
const DRAIN: Ending = {
  kind: 'drain',
  since: T0,
  deadline: at(1000),
  by: 'operator',
  reason: 'because',
};

/** Everything that needs new room on the disk fails; what is overwritten in place does not. */
const onFullDisk = (files: Files): Files => ({
  ...files,
  write: path =>
    Promise.reject(
      new PilotageError('file-failed', `cannot write ${path}: no space`, { errno: 'ENOSPC' }),
    ),
});

describe('the memory of the monitor', () => {
  test('gives back what it was given', async () => {
    const { files } = createFolderMachine();
    const memory = createMemory({ files, log }, 'i-1');
    const state = { ...(await memory.load(T0)), ending: DRAIN };
    expect(await memory.save(state)).toBe(true);
    expect(await createMemory({ files, log }, 'i-1').load(at(99))).toEqual(state);
  });

  test('keeps the first start of the VM, however often it is loaded', async () => {
    const { files } = createFolderMachine();
    const first = createMemory({ files, log }, 'i-1');
    await first.save(await first.load(T0));
    expect((await createMemory({ files, log }, 'i-1').load(at(5000))).firstStart).toEqual(T0);
  });

  test('latches a drain on a disk that is full, and says that not all was written', async () => {
    const { files } = createFolderMachine();
    const well = createMemory({ files, log }, 'i-1');
    await well.save(await well.load(T0));
    const full = createMemory({ files: onFullDisk(files), log }, 'i-1');
    expect(await full.save({ ...(await full.load(T0)), ending: DRAIN })).toBe(false);
    expect((await createMemory({ files, log }, 'i-1').load(T0)).ending).toEqual(DRAIN);
  });

  test('forgets a drain that was taken back', async () => {
    const { files } = createFolderMachine();
    const memory = createMemory({ files, log }, 'i-1');
    const state = await memory.load(T0);
    await memory.save({ ...state, ending: DRAIN });
    await memory.save(state);
    expect((await createMemory({ files, log }, 'i-1').load(T0)).ending).toBeUndefined();
  });

  test('takes nothing over from the disk of another VM', async () => {
    const { files } = createFolderMachine();
    const original = createMemory({ files, log }, 'i-1');
    await original.save({
      ...(await original.load(T0)),
      ending: DRAIN,
      hold: { since: T0, reason: 'sick' },
    });
    const copy = await createMemory({ files, log }, 'i-2').load(at(7));
    expect(copy).toMatchObject({ instanceId: 'i-2', firstStart: at(7), slots: {} });
    expect(copy.ending).toBeUndefined();
    expect(copy.hold).toBeUndefined();
  });

  test.each(['', '{"half', '[]', '{"schemaVersion":99}'])(
    'begins anew where the state is %j, but keeps the latch',
    async damage => {
      const { files } = createFolderMachine();
      const memory = createMemory({ files, log }, 'i-1');
      await memory.save({ ...(await memory.load(T0)), ending: DRAIN });
      await files.write(PATHS.monitorState, damage, { mode: 0o600 });
      expect(await createMemory({ files, log }, 'i-1').load(at(3))).toMatchObject({
        firstStart: at(3),
        ending: DRAIN,
      });
    },
  );

  test('goes by the state where the latch is damaged', async () => {
    const { files } = createFolderMachine();
    const memory = createMemory({ files, log }, 'i-1');
    await memory.save({ ...(await memory.load(T0)), ending: DRAIN });
    await files.overwrite(PATHS.latch, '{"half', 8192);
    expect((await createMemory({ files, log }, 'i-1').load(T0)).ending).toEqual(DRAIN);
  });
});
