import { execFileSync } from 'node:child_process';
import * as fs from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { ownLogsCommand, parseOwnLogs } from '../../../../agent/logs/read-own-logs.ts';
import { createExec } from '../../../../platform/exec.ts';
import { createFolderMachine } from '../../../support/folder-machine.ts';

const KIB = 1024;
const isRoot = process.getuid?.() === 0;
/** A pilot's own numbers where we may give them; else everything is ours, and only links can lead astray. */
const OWNER = isRoot ? { uid: 23_456, gid: 23_456 } : undefined;
const SECRET = 'the secret of root';

/** A slot's folder that belongs to its pilot, beside a secret that does not. */
const setUp = () => {
  const { root } = createFolderMachine();
  fs.chmodSync(root, 0o755);
  const secret = join(root, 'secret');
  fs.writeFileSync(secret, SECRET, { mode: 0o600 });
  const logs = join(root, 'scratch/plt00/condor/log');
  fs.mkdirSync(logs, { recursive: true });
  if (OWNER !== undefined)
    execFileSync('chown', ['-R', `${OWNER.uid}:${OWNER.gid}`, join(root, 'scratch/plt00')]);
  const put = (name: string, content: string | Buffer) => {
    fs.appendFileSync(join(logs, name), content);
    if (OWNER !== undefined) fs.chownSync(join(logs, name), OWNER.uid, OWNER.gid);
  };
  const read = async (known: [string, number][] = [], bytes = 64 * KIB) => {
    const {
      program,
      args,
      environment,
      timeoutMs,
      maxOutputBytes = 0,
    } = ownLogsCommand({
      base: join(root, 'scratch'),
      folder: 'plt00/condor/log',
      names: ['StartLog*', 'StarterLog*'],
      known: new Map(known),
      bytes,
    });
    const { stdout } = await createExec().run(program, args, {
      ...{ timeoutMs, maxOutputBytes },
      env: { PATH: '/usr/bin:/bin', ...environment },
      ...(OWNER === undefined ? {} : { owner: OWNER }),
    });
    return parseOwnLogs(stdout, bytes);
  };
  return { root, secret, logs, put, read };
};
const inodeOf = (path: string): string => String(fs.statSync(path).ino);

describe('the logs that a pilot writes itself', () => {
  test('are read byte by byte from where they were left, predecessors first', async () => {
    const { logs, put, read } = setUp();
    put('StartLog', Buffer.from([0, 10, 255, 13, 65]));
    put('StartLog.old', 'before');
    put('Other', 'not asked for');
    const first = await read();
    expect(first).toEqual([
      {
        name: 'StartLog',
        inode: inodeOf(join(logs, 'StartLog.old')),
        fromByte: 0,
        bytes: Buffer.from('before'),
      },
      {
        name: 'StartLog',
        inode: inodeOf(join(logs, 'StartLog')),
        fromByte: 0,
        bytes: Buffer.from([0, 10, 255, 13, 65]),
      },
    ]);
    // What follows on a predecessor waits until all of that is there.
    expect((await read([], 6)).map(({ bytes }) => String(bytes))).toEqual(['before']);
    const known = first.map(({ inode, bytes }): [string, number] => [inode, bytes.length]);
    expect(await read(known)).toEqual([]);
    put('StartLog', 'more');
    expect((await read(known)).map(({ fromByte, bytes }) => [fromByte, String(bytes)])).toEqual([
      [5, 'more'],
    ]);
  });

  test('that grow for ever are read near their end, and so much and no more', async () => {
    const { logs, put, read } = setUp();
    put('StartLog', 'x'.repeat(100));
    fs.truncateSync(join(logs, 'StartLog'), 8 * 1024 ** 3);
    const [piece] = await read([[inodeOf(join(logs, 'StartLog')), 100]], KIB);
    expect([piece?.fromByte, piece?.bytes.length]).toEqual([8 * 1024 ** 3 - KIB, KIB]);
    put('StarterLog', 'y'.repeat(5 * KIB));
    expect((await read([[inodeOf(join(logs, 'StarterLog')), 0]], KIB))[1]).toMatchObject({
      fromByte: 0,
    });
  });

  test('are not what a link, a pipe or a device leads to, and none of them hangs', async () => {
    const { secret, logs, put, read } = setUp();
    put('StartLog', 'honest');
    fs.symlinkSync(secret, join(logs, 'StarterLog.link'));
    fs.symlinkSync('/dev/zero', join(logs, 'StarterLog.zero-link'));
    execFileSync('mkfifo', [join(logs, 'StarterLog.fifo')]);
    if (isRoot) {
      // Made by root for the worst case: a pilot could make neither of them.
      fs.linkSync(secret, join(logs, 'StarterLog.hard'));
      execFileSync('mknod', [join(logs, 'StarterLog.device'), 'c', '1', '5']);
      fs.chmodSync(join(logs, 'StarterLog.device'), 0o666);
    }
    fs.mkdirSync(join(logs, 'StarterLog.folder'));
    fs.writeFileSync(join(logs, 'StarterLog.a\nStarterLog.b 1 0 QUJD'), 'lies');
    const pieces = await read();
    expect(pieces.map(({ bytes }) => String(bytes))).toEqual(['honest']);
  });

  test.each(['plt00', 'plt00/condor', 'plt00/condor/log'])(
    'are not what lies behind %s where that is a link',
    async name => {
      const { root, read } = setUp();
      const elsewhere = join(root, 'elsewhere');
      fs.mkdirSync(join(elsewhere, 'condor/log'), { recursive: true });
      for (const folder of ['', 'log', 'condor/log'])
        fs.mkdirSync(join(elsewhere, folder), { recursive: true });
      for (const folder of ['', 'log', 'condor/log'])
        fs.writeFileSync(join(elsewhere, folder, 'StartLog'), 'readable, but not a log of ours');
      fs.rmSync(join(root, 'scratch', name), { recursive: true });
      fs.symlinkSync(elsewhere, join(root, 'scratch', name));
      expect(await read()).toEqual([]);
    },
  );

  test('are nothing where there is no folder, and at most 32 files of it', async () => {
    const { root, put, read } = setUp();
    for (let nth = 0; nth < 50; nth += 1) put(`StarterLog.${nth}`, 'x');
    expect(await read()).toHaveLength(32);
    fs.rmSync(join(root, 'scratch/plt00'), { recursive: true });
    expect(await read()).toEqual([]);
  });
});
