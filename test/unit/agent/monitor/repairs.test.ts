import { describe, expect, test } from 'vitest';
import { MENDERS } from '../../../../agent/monitor/mend.ts';
import type { Repair } from '../../../../agent/monitor/repair.ts';
import { createRepairs } from '../../../../agent/monitor/repairs.ts';
import { PilotageError } from '../../../../platform/errors.ts';
import type { Exec } from '../../../../platform/exec.ts';
import { createLog } from '../../../../platform/log.ts';
import { createManualClock } from '../../../support/manual-clock.ts';
import { createMemoryFiles } from '../../../support/memory-files.ts';
import { contextOf } from './worlds.ts';

const REPOSITORIES = ['a.cern.ch', 'b.cern.ch'];
const context = (mount: 'autofs' | 'fstab' = 'autofs') =>
  contextOf({ cvmfs: { repositories: REPOSITORIES, proxies: 'http://squid:3128', mount } });
const REMOUNT: Repair = { kind: 'remount-cvmfs' };
const minutes = (count: number): number => count * 60_000;

/** A machine on which these repositories do not answer until they are mounted anew, if that helps. */
const machineWith = async (
  dead: readonly string[],
  { helps = true, gone = [] as string[] } = {},
) => {
  const files = createMemoryFiles();
  await files.makeDirectory('/proc', { mode: 0o755 });
  const mounts = REPOSITORIES.filter(name => !gone.includes(name)).map(
    name => `cvmfs2 /cvmfs/${name} fuse ro 0 0\n`,
  );
  await files.write('/proc/mounts', mounts.join(''), { mode: 0o444 });
  const ill = new Set(dead);
  const ran: string[] = [];
  const done = { exitCode: 0, stdout: '', stderr: '' };
  const exec: Exec = {
    run: async (program, args, { timeoutMs }) => {
      const line = [program.replace('/usr/bin/', ''), ...args].join(' ');
      ran.push(line);
      const name = REPOSITORIES.find(each => line.includes(each)) ?? '';
      if (program.endsWith('cvmfs_config') && ill.has(name))
        throw new PilotageError('command-timeout', `${line} did not end within ${timeoutMs} ms`);
      if (line.startsWith('umount') && helps) ill.delete(name);
      return done;
    },
  };
  return { files, exec, ran };
};

const mend = async (
  kind: Repair['kind'],
  machine: Awaited<ReturnType<typeof machineWith>>,
  mount?: 'autofs' | 'fstab',
) => {
  const told = await MENDERS[kind](machine, context(mount), new AbortController().signal);
  return { told, ran: machine.ran };
};

describe('remounting CVMFS', () => {
  test('leaves what answers alone, and takes only the dead away', async () => {
    expect(await mend('remount-cvmfs', await machineWith(['b.cern.ch']))).toEqual({
      told: 'a.cern.ch answers, b.cern.ch answers again',
      ran: [
        'cvmfs_config probe a.cern.ch',
        'cvmfs_config probe b.cern.ch',
        'umount -l /cvmfs/b.cern.ch',
        'cvmfs_config probe b.cern.ch',
      ],
    });
  });
  test('mounts by its line where it is in fstab', async () => {
    const { ran } = await mend('remount-cvmfs', await machineWith(['b.cern.ch']), 'fstab');
    expect(ran.slice(2)).toEqual([
      ...['umount -l /cvmfs/b.cern.ch', 'mount /cvmfs/b.cern.ch', 'cvmfs_config probe b.cern.ch'],
    ]);
  });
  test('unmounts nothing that is not mounted', async () => {
    const machine = await machineWith(['b.cern.ch'], { gone: ['b.cern.ch'] });
    const { ran } = await mend('remount-cvmfs', machine);
    expect(ran.filter(line => line.startsWith('umount'))).toEqual([]);
  });
  test('says where it did not help', async () => {
    const machine = await machineWith(['b.cern.ch'], { helps: false });
    const { told } = await mend('remount-cvmfs', machine);
    expect(told).toBe('a.cern.ch answers, b.cern.ch still does not answer');
  });
});

test('squids are chosen anew by each repository that is mounted', async () => {
  const machine = await machineWith([], { gone: ['b.cern.ch'] });
  expect(await mend('rebalance-squids', machine)).toEqual({
    told: 'a.cern.ch chose anew',
    ran: ['cvmfs_talk -i a.cern.ch proxy rebalance'],
  });
});

describe('repairs', () => {
  const setUp = async (kind: 'systemd' | 'folder' = 'systemd') => {
    const machine = await machineWith(REPOSITORIES, { helps: false });
    const clock = createManualClock();
    const log = createLog('silent', () => undefined);
    const { files, exec, ran } = machine;
    const repairs = createRepairs({ files, exec, clock, log, kind });
    const tries = () => ran.filter(line => line === 'umount -l /cvmfs/a.cern.ch').length;
    const want = async (wanted: readonly Repair[] = [REMOUNT]) => {
      repairs.want(wanted, context());
      // What is loaded when it is needed has to come first.
      await import('../../../../agent/monitor/mend.ts');
      await clock.advance(10_000);
    };
    return { repairs, clock, tries, want };
  };

  test('are tried a few minutes apart, and a few times in a row', async () => {
    const { tries, want } = await setUp();
    for (let tick = 0; tick < 6; tick += 1) await want();
    expect(tries()).toBe(1);
    for (let tick = 0; tick < 6 * 60; tick += 1) await want();
    expect(tries()).toBe(5);
  });
  test('are tried again once the node was well in between', async () => {
    const { clock, tries, want } = await setUp();
    for (let tick = 0; tick < 6 * 60; tick += 1) await want();
    await want([]);
    await clock.advance(minutes(3));
    await want();
    expect(tries()).toBe(6);
  });
  test('are none where a folder is the machine', async () => {
    const { tries, want } = await setUp('folder');
    await want();
    expect(tries()).toBe(0);
  });
  test('end with the agent', async () => {
    const { repairs, want, tries } = await setUp();
    await want();
    await repairs.stop();
    expect(tries()).toBe(1);
  });
});
