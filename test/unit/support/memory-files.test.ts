import { describe, expect, test } from 'vitest';
import type { Files } from '../../../platform/files.ts';
import { createFolderMachine } from '../../support/folder-machine.ts';
import { createMemoryFiles } from '../../support/memory-files.ts';

/** What both kinds of files must do alike. */
describe.each<[string, () => Files]>([
  ['the real files', () => createFolderMachine().files],
  ['the files in memory', createMemoryFiles],
])('%s', (_what, create) => {
  test('give back what was written, and nothing where nothing was', async () => {
    const files = create();
    await files.makeDirectory('/a/b', { mode: 0o700 });
    await files.write('/a/b/c', 'text', { mode: 0o640 });
    expect(await files.read('/a/b/c', 4)).toBe('text');
    expect(await files.readPiece('/a/b/c', 2, 10)).toEqual(Buffer.from('xt'));
    expect(await files.facts('/a/b/c')).toMatchObject({ kind: 'file', sizeBytes: 4, mode: 0o640 });
    expect(await files.facts('/a/b')).toMatchObject({ kind: 'directory', mode: 0o700 });
    expect(await files.read('/a/x', 4)).toBeUndefined();
    expect(await files.readPiece('/a/x', 0, 4)).toBeUndefined();
    expect(await files.facts('/a/x')).toBeUndefined();
  });

  test('hold their bounds', async () => {
    const files = create();
    await files.write('/f', 'text', { mode: 0o600 });
    await expect(files.read('/f', 3)).rejects.toMatchObject({ code: 'file-too-large' });
    await expect(files.overwrite('/f', 'text', 3)).rejects.toMatchObject({
      code: 'file-too-large',
    });
  });

  test('keep a file of fixed size at its size', async () => {
    const files = create();
    await files.overwrite('/f', 'ab', 8);
    await files.overwrite('/f', 'c', 8);
    expect(await files.read('/f', 8)).toBe('c       ');
  });

  test('list, set access and remove', async () => {
    const files = create();
    await files.makeDirectory('/a', { mode: 0o755 });
    for (const name of ['z', 'b']) await files.write(`/a/${name}`, '', { mode: 0o600 });
    await files.setAccess('/a/z', { mode: 0o644 });
    expect(await files.list('/a')).toEqual(['b', 'z']);
    expect((await files.facts('/a/z'))?.mode).toBe(0o644);
    await files.remove('/a');
    expect(await files.list('/a')).toEqual([]);
    await files.remove('/a');
  });

  test('fail where there is no folder, and never leave the root', async () => {
    const files = create();
    await expect(files.write('/none/f', '', { mode: 0o600 })).rejects.toMatchObject({
      code: 'file-failed',
    });
    await expect(files.setAccess('/none', { mode: 0o600 })).rejects.toMatchObject({
      code: 'file-failed',
    });
    await files.write('/../../f', 'in', { mode: 0o600 });
    expect(await files.read('/f', 10)).toBe('in');
  });
});
