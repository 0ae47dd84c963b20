import { existsSync, mkdtempSync, readdirSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, expect, it, onTestFinished, vi } from 'vitest';
import { cachedFolder, digestOf } from '../../support/cache-folder.ts';

const fill = (text: string) => async (folder: string) => {
  writeFileSync(join(folder, 'content'), text);
};
let root = '';

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'pilotage-cache-test-'));
  vi.stubEnv('PILOTAGE_CACHE', root);
  onTestFinished(() => {
    vi.unstubAllEnvs();
    rmSync(root, { recursive: true, force: true });
  });
});

it('builds what is missing, once', async () => {
  const build = vi.fn(fill('a'));
  const first = await cachedFolder('image', 'k1', build);
  expect(await cachedFolder('image', 'k1', build)).toBe(first);
  expect(build).toHaveBeenCalledOnce();
});

it('leaves nothing of a build that failed', async () => {
  const broken = async (folder: string) => {
    writeFileSync(join(folder, 'half'), '');
    throw new Error('no network');
  };
  await expect(cachedFolder('image', 'k1', broken)).rejects.toThrow('no network');
  expect(readdirSync(root)).toEqual([]);
});

it('keeps what was used last, and other kinds alone', async () => {
  await cachedFolder('other', 'k0', fill(''));
  for (const [index, key] of ['k1', 'k2', 'k3'].entries()) {
    const folder = await cachedFolder('image', key, fill(key));
    utimesSync(folder, index, index);
  }
  await cachedFolder('image', 'k4', fill('k4'));
  expect(readdirSync(root).sort()).toEqual(['image-k3', 'image-k4', 'other-k0']);
  expect(existsSync(join(root, 'image-k4', 'content'))).toBe(true);
});

it('tells content apart however it is cut', () => {
  expect(digestOf(['ab', 'c'])).not.toBe(digestOf(['a', 'bc']));
});
