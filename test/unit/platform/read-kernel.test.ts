import { describe, expect, test } from 'vitest';
import { createFiles } from '../../../platform/files.ts';
import { createFolderMachine } from '../../support/folder-machine.ts';

describe('readKernel', () => {
  test('gives at once all that the kernel makes up, however many pages', () => {
    const files = createFiles();
    expect(files.readKernel('/proc/self/stat', 4096)).toMatch(new RegExp(`^${process.pid} \\(`));
    const maps = files.readKernel('/proc/self/maps', 1024 * 1024) ?? '';
    expect(maps.length).toBeGreaterThan(8192);
    expect(maps).toMatch(/\[stack\]\n/);
  });

  test('holds its bound, and tells a missing file from an unreadable one', async () => {
    const { files } = createFolderMachine();
    await files.write('/a', 'four', { mode: 0o600 });
    expect(files.readKernel('/a', 4)).toBe('four');
    expect(() => files.readKernel('/a', 3)).toThrow('larger than 3 bytes');
    expect(files.readKernel('/none', 4)).toBeUndefined();
    expect(files.readKernel('/a/b', 4)).toBeUndefined();
    expect(() => files.readKernel('/', 4)).toThrow('cannot read');
  });
});
