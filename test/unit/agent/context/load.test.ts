import { expect, test } from 'vitest';
import { loadContextTexts } from '../../../../agent/context/load.ts';
import { createMemoryFiles } from '../../../support/memory-files.ts';

const FOLDER = '/etc/pilotage/context.d';
const filesWith = async (content: string) => {
  const files = createMemoryFiles();
  await files.makeDirectory(FOLDER, { mode: 0o755 });
  await files.write(`${FOLDER}/50-site.yaml`, content, { mode: 0o644 });
  return files;
};

test('a file of the machine is read without its byte order mark, and closed to others', async () => {
  const files = await filesWith('\uFEFFversion: 1\n');
  expect(await loadContextTexts(files)).toEqual([
    { name: `${FOLDER}/50-site.yaml`, text: 'version: 1\n' },
  ]);
  expect((await files.facts(`${FOLDER}/50-site.yaml`))?.mode).toBe(0o600);
});

test('a file of the machine that is no text is refused with its line', async () => {
  await expect(loadContextTexts(await filesWith('version: 1\nhold: "2\0m"\n'))).rejects.toThrow(
    `${FOLDER}/50-site.yaml:2: a NUL byte`,
  );
});
