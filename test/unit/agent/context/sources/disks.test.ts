import { execFileSync } from 'node:child_process';
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import {
  createFolderDisks,
  createMountedDisks,
} from '../../../../../agent/context/sources/disks.ts';
import { readRegular } from '../../../../../agent/context/sources/read-regular.ts';
import { PilotageError } from '../../../../../platform/errors.ts';
import type { Exec } from '../../../../../platform/exec.ts';
import { createFolderMachine } from '../../../../support/folder-machine.ts';

/** Programs that are only noted; mounting puts a file where the disk would be. */
const createNotingExec = (refuse?: string) => {
  const calls: string[][] = [];
  const exec: Exec = {
    run: async (command, args) => {
      calls.push([command, ...args]);
      if (command === refuse) throw new PilotageError('command-failed', `${command}: no`);
      if (command === 'mount') writeFileSync(join(args.at(-1) ?? '', 'context.sh'), "VMID='7'\n");
      return { exitCode: 0, stdout: '', stderr: '' };
    },
  };
  return { exec, calls };
};
const signal = AbortSignal.timeout(9000);

describe('a disk', () => {
  test('is mounted read-only where only root can look, and unmounted', async () => {
    const { root, files } = createFolderMachine();
    const { exec, calls } = createNotingExec();
    const disks = createMountedDisks(files, exec);
    const seen = await disks.use('CONTEXT', signal, async disk => {
      expect((await files.facts('/run/pilotage/disks'))?.mode).toBe(0o700);
      return String(await readRegular(disk, '/context.sh', 100));
    });
    expect(seen).toBe("VMID='7'\n");
    const target = calls[0]?.at(-1) ?? '';
    expect(target.startsWith(join(root, 'run/pilotage/disks/CONTEXT-'))).toBe(true);
    expect(calls).toEqual([
      [
        'mount',
        '-t',
        'iso9660,vfat',
        '-o',
        'ro,nosuid,nodev,noexec',
        join(root, 'dev/disk/by-label/CONTEXT'),
        target,
      ],
      ['umount', '-l', target],
    ]);
    expect(await files.list('/run/pilotage/disks')).toEqual([]);
  });

  test('is unmounted when reading it fails', async () => {
    const { files } = createFolderMachine();
    const { exec, calls } = createNotingExec();
    await expect(
      createMountedDisks(files, exec).use('cidata', signal, async () => {
        throw new PilotageError('reply-invalid', 'broken');
      }),
    ).rejects.toThrow('broken');
    expect(calls.map(([command]) => command)).toEqual(['mount', 'umount']);
  });

  test('that cannot be mounted is not unmounted, and leaves nothing', async () => {
    const { files } = createFolderMachine();
    const { exec, calls } = createNotingExec('mount');
    await expect(
      createMountedDisks(files, exec).use('cidata', signal, async () => expect.fail('was read')),
    ).rejects.toMatchObject({ code: 'command-failed' });
    expect(calls.map(([command]) => command)).toEqual(['mount']);
    expect(await files.list('/run/pilotage/disks')).toEqual([]);
  });

  test('is a folder where the machine is one', async () => {
    const { root, files } = createFolderMachine();
    mkdirSync(join(root, 'dev/disk/by-label/cidata'), { recursive: true });
    writeFileSync(join(root, 'dev/disk/by-label/cidata/user-data'), 'x');
    writeFileSync(join(root, 'dev/disk/by-label/CONTEXT'), 'no folder');
    const disks = createFolderDisks(files);
    expect(await disks.use('cidata', signal, disk => disk.read('/user-data', 9))).toBe('x');
    for (const label of ['CONTEXT', 'config-2'])
      await expect(disks.use(label, signal, async () => 0)).rejects.toMatchObject({
        code: 'file-failed',
      });
  });
});

describe('a file on somebody else’s disk', () => {
  test('is no link out of it, and no pipe that is waited for', async () => {
    const { root, files } = createFolderMachine();
    symlinkSync('/etc/passwd', join(root, 'user-data'));
    execFileSync('mkfifo', [join(root, 'meta-data')]);
    await expect(readRegular(files, '/user-data', 1e6)).rejects.toMatchObject({
      code: 'file-failed',
    });
    expect(await readRegular(files, '/meta-data', 1e6)).toBeUndefined();
  });
});
