import { execFileSync } from 'node:child_process';
import { readdirSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, onTestFinished, test } from 'vitest';
import { createFiles } from '../../../platform/files.ts';
import { createFolderMachine } from '../../support/folder-machine.ts';

/** For the rest of the test. Test files run in processes of their own. */
const setUmask = (mask: number): void => {
  const before = process.umask(mask);
  onTestFinished(() => void process.umask(before));
};

describe('locate', () => {
  test('never leads out of the folder', () => {
    const { locate } = createFiles('/srv/vm');
    const part = fc.constantFrom('..', '.', '', 'a', '../..', '/', 'b/../..', '...');
    fc.assert(
      fc.property(fc.array(part, { maxLength: 8 }), parts => {
        const path = locate(parts.join('/'));
        expect(path === '/srv/vm/' || path === '/srv/vm' || path.startsWith('/srv/vm/')).toBe(true);
        expect(path.split('/')).not.toContain('..');
      }),
    );
  });

  test('is the path itself on a real machine', () => {
    expect(createFiles().locate('/etc/hostname')).toBe('/etc/hostname');
  });
});

describe('write', () => {
  test('of what lies in memory replaces the whole file too, and leaves nothing beside it', async () => {
    const { files, root } = createFolderMachine();
    await files.write('/a', 'old and long', { mode: 0o644 });
    await files.write('/a', 'new', { mode: 0o600, inMemory: true });
    expect(await files.read('/a', 100)).toBe('new');
    expect(statSync(join(root, 'a')).mode & 0o777).toBe(0o600);
    const lost = files.write('/none/a', 'x', { mode: 0o600, inMemory: true });
    await expect(lost).rejects.toMatchObject({ code: 'file-failed' });
    expect(readdirSync(root)).toEqual(['a']);
  });

  test.each([0o000, 0o022, 0o077, 0o777])('sets the mode exactly under umask %o', async mask => {
    const { files } = createFolderMachine();
    setUmask(mask);
    for (const mode of [0o600, 0o644, 0o666, 0o755, 0o440]) {
      await files.write('/a', 'x', { mode });
      expect((await files.facts('/a'))?.mode).toBe(mode);
    }
  });

  test('replaces what was there and leaves nothing beside it', async () => {
    const { root, files } = createFolderMachine();
    await files.write('/a', 'old and long', { mode: 0o644 });
    await files.write('/a', 'new', { mode: 0o600 });
    expect(await files.read('/a', 100)).toBe('new');
    expect(readdirSync(root)).toEqual(['a']);
  });

  test('readers see the old or the new, never a mixture', async () => {
    const { files } = createFolderMachine();
    const contents = ['a'.repeat(100_000), 'b'.repeat(200_000)];
    await files.write('/a', contents[0] ?? '', { mode: 0o600 });
    const writes = Promise.all(
      Array.from({ length: 20 }, (_, n) =>
        files.write('/a', contents[n % 2] ?? '', { mode: 0o600 }),
      ),
    );
    for (let n = 0; n < 40; n += 1) expect(contents).toContain(await files.read('/a', 1 << 20));
    await writes;
  });

  test('replaces a symlink, and not what it points to', async () => {
    const { root, files } = createFolderMachine();
    writeFileSync(join(root, 'precious'), 'keep');
    symlinkSync('precious', join(root, 'a'));
    await files.write('/a', 'new', { mode: 0o600 });
    expect(await files.read('/precious', 100)).toBe('keep');
    expect((await files.facts('/a'))?.kind).toBe('file');
  });

  test('fails by name, and cleans up, where it cannot rename', async () => {
    const { root, files } = createFolderMachine();
    await files.makeDirectory('/a', { mode: 0o755 });
    await expect(files.write('/a', 'x', { mode: 0o600 })).rejects.toMatchObject({
      code: 'file-failed',
      context: { path: join(root, 'a') },
    });
    expect(readdirSync(root)).toEqual(['a']);
    await expect(files.write('/no/b', 'x', { mode: 0o600 })).rejects.toMatchObject({
      context: { errno: 'ENOENT' },
    });
  });

  test('leaves owners alone where it may not set them', async () => {
    const { root } = createFolderMachine();
    const files = createFiles(root, false);
    await files.write('/a', 'x', { mode: 0o600, owner: { uid: 12_345, gid: 12_345 } });
    expect((await files.facts('/a'))?.uid).toBe(process.getuid?.());
  });
});

describe('makeDirectory', () => {
  test.each([0o000, 0o022, 0o077])('sets modes exactly under umask %o', async mask => {
    const { files } = createFolderMachine();
    setUmask(mask);
    await files.makeDirectory('/a/b/c', { mode: 0o700 });
    const modes = ['/a', '/a/b', '/a/b/c'].map(async path => (await files.facts(path))?.mode);
    expect(await Promise.all(modes)).toEqual([0o755, 0o755, 0o700]);
  });

  test('leaves the folders above alone where they exist', async () => {
    const { files } = createFolderMachine();
    await files.makeDirectory('/a', { mode: 0o711 });
    await files.makeDirectory('/a/b', { mode: 0o700 });
    await files.makeDirectory('/a/b', { mode: 0o750 });
    expect((await files.facts('/a'))?.mode).toBe(0o711);
    expect((await files.facts('/a/b'))?.mode).toBe(0o750);
  });
});

describe('read', () => {
  test('holds its bound, to the byte', async () => {
    const { files } = createFolderMachine();
    await files.write('/a', 'é'.repeat(50_000), { mode: 0o600 });
    expect((await files.read('/a', 100_000))?.length).toBe(50_000);
    await expect(files.read('/a', 99_999)).rejects.toMatchObject({ code: 'file-too-large' });
  });

  test('holds it for files that state no size', async () => {
    const files = createFiles('/');
    expect(await files.read('/proc/self/stat', 4096)).toContain('(');
    await expect(files.read('/dev/zero', 100_000)).rejects.toMatchObject({
      code: 'file-too-large',
    });
  });

  test('tells a missing file from an unreadable one', async () => {
    const { files } = createFolderMachine();
    await files.write('/a', 'x', { mode: 0o600 });
    expect(await files.read('/b', 10)).toBeUndefined();
    expect(await files.read('/a/b', 10)).toBeUndefined();
    await expect(files.read('/', 10)).rejects.toMatchObject({
      code: 'file-failed',
      context: { errno: 'EISDIR' },
    });
  });
});

describe('readPiece', () => {
  test('reads from an offset on', async () => {
    const { files } = createFolderMachine();
    await files.write('/a', '0123456789', { mode: 0o600 });
    expect(String(await files.readPiece('/a', 3, 4))).toBe('3456');
    expect(String(await files.readPiece('/a', 8, 4))).toBe('89');
    expect(await files.readPiece('/a', 10, 4)).toHaveLength(0);
    expect(await files.readPiece('/b', 0, 4)).toBeUndefined();
  });

  test('does not follow a symlink', async () => {
    const { root, files } = createFolderMachine();
    writeFileSync(join(root, 'secret'), 'secret');
    symlinkSync('secret', join(root, 'a'));
    await expect(files.readPiece('/a', 0, 10)).rejects.toMatchObject({
      code: 'file-failed',
      context: { errno: 'ELOOP' },
    });
  });

  test('waits for no pipe and reads no device or folder', async () => {
    const { root, files } = createFolderMachine();
    execFileSync('mkfifo', [join(root, 'pipe')]);
    expect(await files.readPiece('/pipe', 0, 10)).toBeUndefined();
    expect(await files.readPiece('/', 0, 10)).toBeUndefined();
    expect(await createFiles('/').readPiece('/dev/zero', 0, 10)).toBeUndefined();
  });
});

describe('overwrite', () => {
  test('keeps the file, its size and its blocks', async () => {
    const { root, files } = createFolderMachine();
    await files.overwrite('/latch', 'drain', 4096);
    const before = statSync(join(root, 'latch'));
    await files.overwrite('/latch', 'halt', 4096);
    const after = statSync(join(root, 'latch'));
    expect((await files.read('/latch', 4096))?.trimEnd()).toBe('halt');
    expect([after.ino, after.size, after.blocks]).toEqual([before.ino, 4096, before.blocks]);
    expect(after.mode & 0o777).toBe(0o600);
  });

  test('refuses what does not fit', async () => {
    const { files } = createFolderMachine();
    await expect(files.overwrite('/latch', 'é'.repeat(6), 11)).rejects.toMatchObject({
      code: 'file-too-large',
    });
    expect(await files.facts('/latch')).toBeUndefined();
  });

  test('says so if there is no room', async () => {
    const { root, files } = createFolderMachine();
    symlinkSync('/dev/full', join(root, 'latch'));
    await expect(files.overwrite('/latch', 'halt', 512)).rejects.toMatchObject({
      code: 'file-failed',
      context: { errno: 'ENOSPC' },
    });
  });
});

describe('the rest', () => {
  test('facts look at a symlink itself', async () => {
    const { root, files } = createFolderMachine();
    symlinkSync('nowhere', join(root, 'a'));
    expect((await files.facts('/a'))?.kind).toBe('other');
    expect((await files.facts('/'))?.kind).toBe('directory');
    expect(await files.facts('/b')).toBeUndefined();
  });

  test('list sorts, and a missing folder is empty', async () => {
    const { files } = createFolderMachine();
    for (const name of ['b', 'a', 'c']) await files.write(`/${name}`, '', { mode: 0o600 });
    expect(await files.list('/')).toEqual(['a', 'b', 'c']);
    expect(await files.list('/none')).toEqual([]);
  });

  test('remove takes all below, follows no symlink, and never the machine', async () => {
    const { root, files } = createFolderMachine();
    await files.makeDirectory('/a/b', { mode: 0o755 });
    writeFileSync(join(root, 'keep'), '');
    symlinkSync('../keep', join(root, 'a/link'));
    await files.remove('/a');
    await files.remove('/a');
    expect(await files.list('/')).toEqual(['keep']);
    for (const path of ['/', '', '..', '/a/..'])
      await expect(files.remove(path)).rejects.toMatchObject({ code: 'file-failed' });
    expect(await files.list('/')).toEqual(['keep']);
  });

  test('setAccess sets a mode', async () => {
    const { files } = createFolderMachine();
    await files.write('/a', 'x', { mode: 0o644 });
    await files.setAccess('/a', { mode: 0o600 });
    expect((await files.facts('/a'))?.mode).toBe(0o600);
    await expect(files.setAccess('/b', { mode: 0o600 })).rejects.toMatchObject({
      context: { errno: 'ENOENT' },
    });
  });

  test('freeBytes is a size', async () => {
    const { files } = createFolderMachine();
    expect(await files.freeBytes('/')).toBeGreaterThan(0);
  });

  test('freeShares are shares', async () => {
    const { files } = createFolderMachine();
    const { bytes, inodes = 1 } = await files.freeShares('/');
    for (const share of [bytes, inodes]) {
      expect(share).toBeGreaterThan(0);
      expect(share).toBeLessThanOrEqual(1);
    }
    await expect(files.freeShares('/nowhere')).rejects.toThrow('cannot measure');
  });

  test('watch calls back after a change, until stopped', async () => {
    const { files } = createFolderMachine();
    const changed = Promise.withResolvers<void>();
    const watcher = files.watch('/', changed.resolve);
    await files.write('/a', 'x', { mode: 0o600 });
    await changed.promise;
    watcher.stop();
    expect(() => files.watch('/none', changed.resolve)).toThrow(
      expect.objectContaining({ code: 'file-failed' }),
    );
  });
});

describe('links', () => {
  test('are read as they were written, and take the place of what was there', async () => {
    const { root, files } = createFolderMachine();
    writeFileSync(join(root, 'a'), 'a file');
    await files.makeLink('/a', '../usr/share/zoneinfo/UTC');
    expect(await files.readLink('/a')).toBe('../usr/share/zoneinfo/UTC');
    await files.makeLink('/a', 'elsewhere');
    expect(await files.readLink('/a')).toBe('elsewhere');
    expect(readdirSync(root)).toEqual(['a']);
  });

  test('are none where there is a file, or nothing', async () => {
    const { root, files } = createFolderMachine();
    writeFileSync(join(root, 'a'), 'a file');
    expect(await files.readLink('/a')).toBeUndefined();
    expect(await files.readLink('/b')).toBeUndefined();
  });
});
