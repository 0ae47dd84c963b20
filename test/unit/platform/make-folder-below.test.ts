import { linkSync, mkdirSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { createFolderMachine } from '../../support/folder-machine.ts';

const OPTIONS = { mode: 0o700 };

/** A home whose owner has prepared it for us; `/etc` is what it must not get at. */
const prepareHome = (trap: (at: (path: string) => string) => void) => {
  const { files } = createFolderMachine();
  const at = (path: string): string => files.locate(path);
  mkdirSync(at('/scratch/plt00'), { recursive: true });
  mkdirSync(at('/etc'), { mode: 0o755 });
  trap(at);
  return { files, at };
};

describe('a folder below the home of somebody else', () => {
  test('is made with those above it, and has its mode', async () => {
    const { files, at } = prepareHome(() => undefined);
    await files.makeDirectoryIn('/scratch/plt00', 'condor/log', OPTIONS);
    expect(statSync(at('/scratch/plt00/condor/log')).mode & 0o777).toBe(0o700);
  });

  test('is settled again where it is there', async () => {
    const { files, at } = prepareHome(here => mkdirSync(here('/scratch/plt00/condor')));
    await files.makeDirectoryIn('/scratch/plt00', 'condor', OPTIONS);
    expect(statSync(at('/scratch/plt00/condor')).mode & 0o777).toBe(0o700);
  });

  test.each<[string, string, (at: (path: string) => string) => void]>([
    ['a link in its place', 'condor', at => symlinkSync(at('/etc'), at('/scratch/plt00/condor'))],
    ['a link above it', 'condor/log', at => symlinkSync(at('/etc'), at('/scratch/plt00/condor'))],
    ['a relative link', 'condor', at => symlinkSync('../../etc', at('/scratch/plt00/condor'))],
    [
      'a file in its place',
      'condor',
      at => {
        writeFileSync(at('/etc/shadow'), '', { mode: 0o600 });
        linkSync(at('/etc/shadow'), at('/scratch/plt00/condor'));
      },
    ],
    ['dots that lead out', '../../etc', () => undefined],
  ])('is not made over %s, and what that leads to is left alone', async (_, below, trap) => {
    const { files, at } = prepareHome(trap);
    const made = files.makeDirectoryIn('/scratch/plt00', below, OPTIONS);
    if (below.startsWith('..')) await made;
    else await expect(made).rejects.toMatchObject({ code: 'file-failed' });
    expect(statSync(at('/etc')).mode & 0o777).toBe(0o755);
  });
});
