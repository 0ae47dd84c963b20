import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { askRepository } from '../../../agent/monitor/readings/cvmfs-repository.ts';
import { measured } from '../../../agent/reading.ts';
import { createExec, type Exec, SYSTEM_ENV } from '../../../platform/exec.ts';
import { createFolderMachine } from '../../support/folder-machine.ts';

/** getfattr as it prints one attribute, of a mount that has these; its last argument is the path. */
const GETFATTR = `#!/bin/sh
while [ $# -gt 1 ]; do
  case $1 in -n) name=$2; shift ;; esac
  shift
done
[ -e "$1" ] || exit 1
case $name in
  user.nioerr) printf 3 ;;
  user.rx) printf 86016 ;;
  *) echo "$1: $name: No such attribute" >&2; exit 1 ;;
esac
`;

const setUp = () => {
  const { root } = createFolderMachine();
  const at = (path: string) => join(root, path);
  for (const path of ['bin', 'cvmfs/a.cern.ch/sw', 'cvmfs/empty.cern.ch'])
    mkdirSync(at(path), { recursive: true });
  writeFileSync(at('bin/getfattr'), GETFATTR);
  chmodSync(at('bin/getfattr'), 0o755);
  const env = (path: string) => ({ ...SYSTEM_ENV, PATH: path });
  const execOf = (path: string): Exec => ({
    run: (program, args, options) =>
      createExec().run(program, args, { ...options, env: env(path) }),
  });
  const ask = (name: string, path = `${at('bin')}:/usr/bin:/bin`) =>
    askRepository(at(`cvmfs/${name}`), { exec: execOf(path) });
  return { ask };
};

describe('a look at a repository, by the real shell', () => {
  test('tells its counters', async () => {
    expect(await setUp().ask('a.cern.ch')).toEqual(
      measured({ ioErrors: 3, receivedBytes: 86_016 * 1024 }),
    );
  });

  test('tells that it is there where nothing reads attributes', async () => {
    expect(await setUp().ask('a.cern.ch', '/nowhere')).toBeUndefined();
  });

  test.each([
    ['a mount point on which nothing is mounted', 'empty.cern.ch', 'nothing is mounted there'],
    ['no such folder', 'b.cern.ch', "can't cd"],
  ])('fails for %s', async (_what, name, why) => {
    await expect(setUp().ask(name)).rejects.toThrow(why);
  });
});
