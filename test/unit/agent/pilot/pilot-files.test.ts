import { expect, test } from 'vitest';
import {
  createPrepareRun,
  pilotFiles,
  sightExits,
} from '../../../../agent/pilot/unit/pilot-files.ts';
import { unitId } from '../../../../agent/pilot/unit/unit.ts';
import { createMemoryFiles } from '../../../support/memory-files.ts';

const run = (slot: string, generation: number) => ({ slot, generation });

/** A machine on which these runs have ended. */
const withEnds = async (ends: ReturnType<typeof run>[]) => {
  const files = createMemoryFiles();
  await files.makeDirectory(pilotFiles(run('00', 1)).exit.replace(/\/[^/]+$/, ''), { mode: 0o700 });
  for (const end of ends)
    await files.write(pilotFiles(end).exit, 'success exited 0\n', { mode: 0o600 });
  return files;
};

test.each([
  ['an older one of its slot', run('00', 1), run('00', 2), []],
  // The agent that saw it has lost its state, and counts from the beginning again.
  ['one of its own name', run('00', 1), run('00', 1), []],
  ['that of its neighbour', run('01', 1), run('00', 2), ['01-1']],
])('the record of an end, %s, is not taken for that of a new run', async (_, end, next, left) => {
  const files = await withEnds([end]);
  await createPrepareRun(files)(next, undefined);
  expect((await sightExits(files)).map(unitId)).toEqual(left);
});
