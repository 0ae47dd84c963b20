import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { createFolderMachine } from '../../../support/folder-machine.ts';

/**
 * Runs in a mount namespace of its own, so that nothing stays mounted. The disk is filled to the last
 * byte while a pilot's log is on it, then the keeper looks twice.
 */
const ON_A_FULL_DISK = `
  import { appendFileSync, rmSync } from 'node:fs';
  const [repository, root] = process.argv.slice(1);
  const load = path => import(repository + '/' + path);
  const { createFiles } = await load('platform/files.ts');
  const { createExec } = await load('platform/exec.ts');
  const { createSparseFiles } = await load('platform/sparse-files.ts');
  const { createClock } = await load('platform/clock.ts');
  const { createLogStore } = await load('agent/logs/log-store.ts');
  const { createLogKeeper } = await load('agent/logs/keep-logs.ts');
  const files = createFiles(root);
  const warned = [];
  const log = { debug() {}, info() {}, error() {}, warn: fields => warned.push(fields.error) };
  const store = createLogStore({ files, sparse: createSparseFiles(files, createExec()), log });
  const limits = { perPilotMb: 1, totalMb: 100, keep: 1e12 };
  const keeper = createLogKeeper({ clock: createClock(), files, log }, store, limits);
  await files.makeDirectory('/var/log/pilotage', { mode: 0o700 });
  const path = root + '/var/log/pilotage/00-1.out';
  appendFileSync(path, Buffer.alloc(900_000, 'the words of a pilot\\n'));
  try { for (;;) appendFileSync(root + '/filler', Buffer.alloc(4096)); }
  catch (error) { if (error.code !== 'ENOSPC') throw error; }
  const free = await files.freeBytes('/');
  const pauseMs = await keeper.round();
  await keeper.round();
  const again = createLogStore({ files, sparse: createSparseFiles(files, createExec()), log });
  const [kept] = await again.survey();
  const found = await again.read('00-1.out', 0, 1e6);
  console.log(JSON.stringify({
    free,
    pauseMs,
    freed: (await files.freeBytes('/')) > 500_000,
    size: kept.sizeBytes,
    end: found.fromByte + found.bytes.length,
    words: /^[a-z \\n]+$/.test(found.bytes.toString()),
  }));
`;

test('on a full disk logs give way, keep their end, and stay what they were', () => {
  const { root } = createFolderMachine();
  const repository = join(import.meta.dirname, '../../../..');
  const script = `mount -t tmpfs -o size=2m none "$1" && exec "$2" --input-type=module -e "$3" "$4" "$1"`;
  // Who is not root gets the right to mount in a user namespace.
  const rights = process.getuid?.() === 0 ? ['-m'] : ['-Urm'];
  const { stdout, stderr } = spawnSync(
    'unshare',
    [...rights, 'sh', '-c', script, 'sh', root, process.execPath, ON_A_FULL_DISK, repository],
    { encoding: 'utf8' },
  );
  expect(stderr).toBe('');
  expect(JSON.parse(stdout)).toEqual({
    ...{ free: 0, pauseMs: 2000, freed: true, size: 900_000, end: 900_000, words: true },
  });
});
