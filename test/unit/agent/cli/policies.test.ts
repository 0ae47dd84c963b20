import { expect, test } from 'vitest';
import { policies } from '../../../../agent/cli/policies.ts';
import { writeResolved } from '../../../../agent/context/resolved.ts';
import { POLICIES } from '../../../../agent/monitor/policy/index.ts';
import { PATHS } from '../../../../agent/paths.ts';
import { createFolderMachine } from '../../../support/folder-machine.ts';

const output = async (root: string, json = false): Promise<string> => {
  let text = '';
  const out = (more: string) => {
    text += more;
  };
  const { signal } = new AbortController();
  expect(await policies({ root, json }, { out, err: out, signal })).toBe(0);
  return text;
};

test('prints every policy in its order, what it may do, and which action wins', async () => {
  const { root } = createFolderMachine();
  const shown = await output(root);
  const lines = shown.split('\n');
  expect(lines.slice(1, POLICIES.length + 1).map(line => line.split(' ')[0])).toEqual(
    POLICIES.map(({ name }) => name),
  );
  expect(shown).toMatch(/^lifetime +drain, halt +enforce +a payload could not end/m);
  expect(lines.at(-2)).toBe(
    'precedence: halt > hold > drain > no-new > none; modes by the defaults, since no context is known here',
  );
});

test('shows the modes that the context of this VM sets', async () => {
  const { root, files } = createFolderMachine();
  await files.makeDirectory(PATHS.run, { mode: 0o755 });
  const merged = { version: 1, policies: { zeroLoad: { mode: 'observe' } } };
  await writeResolved(files, merged, { cores: 4, memoryMb: 8000 });
  expect(await output(root)).toMatch(/^zero-load +halt +observe /m);
  const told = JSON.parse(await output(root, true)) as { policies: { policy: string }[] };
  expect(told.policies).toContainEqual(
    expect.objectContaining({ policy: 'zero-load', mode: 'observe', asks: ['halt'] }),
  );
});
