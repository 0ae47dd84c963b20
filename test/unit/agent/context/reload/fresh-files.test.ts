import { describe, expect, test } from 'vitest';
import { createFreshFiles } from '../../../../../agent/context/reload/fresh-files.ts';
import { PATHS } from '../../../../../agent/paths.ts';
import { createMemoryFiles } from '../../../../support/memory-files.ts';

const INCLUDE = `${PATHS.includes}/abc.json`;

const setUp = async () => {
  const real = createMemoryFiles();
  await real.makeDirectory(PATHS.includes, { mode: 0o700 });
  for (const path of [PATHS.learnt, PATHS.userData, INCLUDE, PATHS.lifeline])
    await real.write(path, `old ${path}`, { mode: 0o600 });
  return { real, fresh: createFreshFiles(real) };
};

describe('files of a machine of which nothing is remembered', () => {
  test('hide what the boot before has learnt, and nothing else', async () => {
    const { fresh } = await setUp();
    for (const path of [PATHS.learnt, PATHS.userData, INCLUDE])
      expect([path, await fresh.files.read(path, 100)]).toEqual([path, undefined]);
    expect(await fresh.files.readBytes(INCLUDE, 100)).toBeUndefined();
    expect(await fresh.files.read(PATHS.lifeline, 100)).toBe(`old ${PATHS.lifeline}`);
  });

  test('show what is learnt on them, which is apart until it is kept', async () => {
    const { real, fresh } = await setUp();
    await fresh.files.makeDirectory(PATHS.includes, { mode: 0o700 });
    await fresh.files.write(PATHS.learnt, 'new', { mode: 0o600 });
    await fresh.files.write(INCLUDE, Buffer.from('fetched'), { mode: 0o600 });
    await fresh.files.remove(PATHS.userData);
    expect(await fresh.files.read(PATHS.learnt, 100)).toBe('new');
    expect((await fresh.files.readBytes(INCLUDE, 100))?.toString()).toBe('fetched');
    expect(await real.read(PATHS.learnt, 100)).toBe(`old ${PATHS.learnt}`);
    expect(await real.read(PATHS.userData, 100)).toBe(`old ${PATHS.userData}`);

    await fresh.keep();
    expect(await real.read(PATHS.learnt, 100)).toBe('new');
    expect(await real.read(INCLUDE, 100)).toBe('fetched');
    expect(await real.facts(PATHS.userData)).toBeUndefined();
  });

  test('write all else where it belongs', async () => {
    const { real, fresh } = await setUp();
    await fresh.files.write(PATHS.lifeline, 'now', { mode: 0o600 });
    await fresh.files.remove(PATHS.lifeline);
    expect(await real.facts(PATHS.lifeline)).toBeUndefined();
  });
});
