import fc from 'fast-check';
import { expect, test } from 'vitest';
import { applySteps } from '../../../../agent/context/apply.ts';
import { parseContext } from '../../../../agent/context/parse.ts';
import { planContext } from '../../../../agent/context/plan.ts';
import type { Step } from '../../../../agent/context/step.ts';
import { STAND_INS } from '../../../../agent/context/vm-facts.ts';
import type { Files } from '../../../../platform/files.ts';
import { validContext } from '../../../fuzz/context/valid.ts';
import { createMemoryFiles } from '../../../support/memory-files.ts';
import { createStepPorts } from '../../../support/step-ports.ts';

const MACHINE = { instanceId: 'i-1', bootId: 'b-1' };
const FACTS = { instanceId: 'i-1', cores: 2, memoryMb: 8000, hooks: { pre: [], post: [] } };

/** Documented to stay: users and their numbers, what pilots may have left, and our own records of it. */
const STAYS = /^\/(?:etc\/(?:passwd|group)$|scratch|mnt\/|var\/lib\/pilotage\/steps)/;

const planned = (context: object): Step[] =>
  planContext(
    parseContext([{ name: 'c', text: JSON.stringify(context) }], STAND_INS).context,
    FACTS,
  );

const apply = (files: Files, steps: readonly Step[]) =>
  applySteps(steps, MACHINE, createStepPorts(files));

/** Every file with its content and access; folders alone are nothing. */
const filesOf = async (files: Files, folder = '/'): Promise<Record<string, string>> => {
  const found: Record<string, string> = {};
  for (const name of await files.list(folder)) {
    const path = `${folder === '/' ? '' : folder}/${name}`;
    const facts = await files.facts(path);
    if (facts?.kind === 'directory') Object.assign(found, await filesOf(files, path));
    else if (!STAYS.test(path))
      found[path] = `${facts?.mode.toString(8)} ${await files.read(path, 1_000_000)}`;
  }
  return found;
};

const fresh = async (): Promise<Files> => {
  const files = createMemoryFiles();
  await files.makeDirectory('/etc/cvmfs', { mode: 0o755 });
  await files.write('/etc/cvmfs/default.local', 'of the image\n', { mode: 0o640 });
  return files;
};

test('a context leaves the same files whatever was there before it, and nothing once it is undone', async () => {
  await fc.assert(
    fc.asyncProperty(validContext, validContext, async (a, b) => {
      const alone = await fresh();
      await apply(alone, planned(b));
      const after = await fresh();
      const before = await filesOf(after);
      await apply(after, planned(a));
      await apply(after, planned(b));
      expect(await filesOf(after)).toEqual(await filesOf(alone));
      const again = await apply(after, planned(b));
      expect(again.every(({ outcome }) => outcome === 'spared')).toBe(true);
      await apply(after, []);
      expect(await filesOf(after)).toEqual(before);
    }),
    { numRuns: 40 },
  );
});
