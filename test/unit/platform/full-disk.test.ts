import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { createFolderMachine } from '../../support/folder-machine.ts';

/**
 * Runs in a mount namespace of its own, so that nothing stays mounted. The disk is filled to the
 * last byte, then both kinds of writing are tried.
 */
const ON_A_FULL_DISK = `
  import { appendFileSync } from 'node:fs';
  const { createFiles } = await import(process.argv[1]);
  const files = createFiles(process.argv[2]);
  const outcome = work => work.then(() => 'done', error => error.code + ' ' + error.context.errno);
  await files.overwrite('/latch', 'run', 4096);
  await files.write('/state', 'old', { mode: 0o600 });
  try { for (;;) appendFileSync(process.argv[2] + '/filler', Buffer.alloc(512)); }
  catch (error) { if (error.code !== 'ENOSPC') throw error; }
  console.log(JSON.stringify({
    free: await files.freeBytes('/'),
    fresh: await outcome(files.overwrite('/another', 'halt', 4096)),
    atomic: await outcome(files.write('/state', 'n'.repeat(5000), { mode: 0o600 })),
    latch: await outcome(files.overwrite('/latch', 'halt', 4096)),
    latched: (await files.read('/latch', 4096)).trim(),
    state: await files.read('/state', 8192),
    names: await files.list('/'),
  }));
`;

test('a full disk stops no latch and spoils no state', () => {
  const { root } = createFolderMachine();
  const module = join(import.meta.dirname, '../../../platform/files.ts');
  const script = `mount -t tmpfs -o size=64k none "$1" && exec "$2" --input-type=module -e "$3" "$4" "$1"`;
  // Who is not root gets the right to mount in a user namespace.
  const rights = process.getuid?.() === 0 ? ['-m'] : ['-Urm'];
  const { stdout, stderr } = spawnSync(
    'unshare',
    [...rights, 'sh', '-c', script, 'sh', root, process.execPath, ON_A_FULL_DISK, module],
    { encoding: 'utf8' },
  );
  expect(stderr).toBe('');
  expect(JSON.parse(stdout)).toEqual({
    free: 0,
    fresh: 'file-failed ENOSPC',
    atomic: 'file-failed ENOSPC',
    latch: 'done',
    latched: 'halt',
    state: 'old',
    names: expect.not.arrayContaining([expect.stringContaining('.new')]),
  });
});
