import { describe, expect, test } from 'vitest';
import { applySteps } from '../../../../agent/context/apply.ts';
import type { Step } from '../../../../agent/context/step.ts';
import { PilotageError } from '../../../../platform/errors.ts';
import type { Files } from '../../../../platform/files.ts';
import { createFolderMachine } from '../../../support/folder-machine.ts';
import { createStepPorts } from '../../../support/step-ports.ts';

const MACHINE = { instanceId: 'i-1', bootId: 'b-1' };
const outcomes = async (files: Files, steps: Step[]) =>
  (await applySteps(steps, MACHINE, createStepPorts(files))).map(({ outcome }) => outcome);

describe('a step that failed over another', () => {
  const file = (name: string) => ({ path: `/etc/cvmfs/${name}`, content: name, mode: 0o644 });
  const holding = (...names: string[]): Step => ({
    kind: 'cvmfs',
    id: 'cvmfs',
    what: 'configure',
    lasts: 'instance',
    files: names.map(file),
  });
  const failing = (files: Files, name: string): Files => ({
    ...files,
    write: (path, ...rest) =>
      path === file(name).path
        ? Promise.reject(new PilotageError('file-failed', 'full', {}))
        : files.write(path, ...rest),
  });
  const left = async (files: Files) =>
    (await files.list('/etc/cvmfs')).toSorted((one, other) => one.localeCompare(other));

  test.each([
    ['the one that failed is tried again', holding('half', 'bad'), ['bad', 'half']],
    ['the first is wanted again', holding('first'), ['first']],
    ['a third is wanted', holding('third'), ['third']],
  ])('leaves nothing of either once %s', async (_, step, expected) => {
    const { files } = createFolderMachine();
    await outcomes(files, [holding('first')]);
    const half = [holding('half', 'bad')];
    await expect(outcomes(failing(files, 'bad'), half)).rejects.toThrow('full');
    await expect(outcomes(failing(files, 'bad'), half)).rejects.toThrow('full');
    expect(await outcomes(files, [step])).toEqual(['done']);
    expect(await left(files)).toEqual(expected);
    expect(await outcomes(files, [step])).toEqual(['spared']);
  });

  test('is taken back with it', async () => {
    const { files } = createFolderMachine();
    await outcomes(files, [holding('first')]);
    const half = holding('half', 'bad');
    await expect(outcomes(failing(files, 'bad'), [half])).rejects.toThrow('full');
    expect(await outcomes(files, [])).toEqual(['undone']);
    expect(await left(files)).toEqual([]);
  });
});
