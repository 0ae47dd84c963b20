import { describe, expect, test } from 'vitest';
import { planCvmfs } from '../../../../../agent/context/planners/cvmfs.ts';
import type { Step } from '../../../../../agent/context/step.ts';
import { type CvmfsMachine, createCvmfsMachine } from '../../../../support/cvmfs/cvmfs-machine.ts';
import { contextOf, outcomesOf } from '../../../../support/step-ports.ts';

const A = 'a.example.org';
const B = 'b.example.org';
const plan = (cvmfs: object = {}): Step[] =>
  planCvmfs(contextOf({ cvmfs: { repositories: [A, B], proxies: 'http://p:3128', ...cvmfs } }), {
    cvmfsVolumeMb: 100_000,
  });
const byFstab = (more: object = {}): Step[] => plan({ mount: 'fstab', ...more });

describe('the cache', () => {
  test('moves only while nothing is mounted', async () => {
    const machine = await createCvmfsMachine();
    await outcomesOf(byFstab(), machine.ports);
    machine.ran.length = 0;
    await outcomesOf(byFstab({ cache: '/scratch/cvmfs' }), machine.ports);
    expect(machine.ran.filter(line => /^u?mount /.test(line))).toEqual([
      `umount /cvmfs/${A}`,
      `umount /cvmfs/${B}`,
      `mount /cvmfs/${A}`,
      `mount /cvmfs/${B}`,
    ]);
    expect(await machine.files.facts('/scratch/cvmfs')).toMatchObject({ mode: 0o700 });
    expect(await machine.files.list('/scratch/cvmfs')).toEqual(['shared']);
  });

  const withOwner = (machine: CvmfsMachine, uid: number) => ({
    ...machine.ports,
    users: { ...machine.ports.users, find: async () => ({ uid, gid: uid }) },
  });

  test('is no folder in which others keep something', async () => {
    const machine = await createCvmfsMachine();
    machine.put([{ path: '/scratch/data/results', content: 'x', mode: 0o644 }]);
    await expect(
      outcomesOf(plan({ cache: '/scratch/data' }), withOwner(machine, 4711)),
    ).rejects.toThrow('/scratch/data holds results, which is not of the CVMFS client; remedy:');
    expect(await machine.files.facts('/scratch/data')).toMatchObject({ mode: 0o755 });
  });

  test.each([
    [
      'for good',
      true,
      [
        '/usr/sbin/semanage fcontext -a -t cvmfs_cache_t /scratch/cvmfs-2\\.x(/.*)?',
        '/usr/sbin/semanage fcontext -m -t cvmfs_cache_t /scratch/cvmfs-2\\.x(/.*)?',
        'restorecon -R /scratch/cvmfs-2.x',
      ],
    ],
    ['as far as can be', false, ['chcon -R -t cvmfs_cache_t /scratch/cvmfs-2.x']],
  ])('gets its SELinux type %s where SELinux is at work', async (_how, hasSemanage, expected) => {
    const machine = await createCvmfsMachine();
    machine.put([{ path: '/sys/fs/selinux/enforce', content: '1', mode: 0o644 }]);
    if (hasSemanage) machine.put([{ path: '/usr/sbin/semanage', content: '', mode: 0o755 }]);
    const ran: string[] = [];
    const exec = {
      run: async (command: string, args: readonly string[]) => {
        ran.push([command, ...args].join(' '));
        // As semanage ends where there is a rule already.
        return { exitCode: args[1] === '-a' ? 1 : 0, stdout: '', stderr: '' };
      },
    };
    const [, , cache] = plan({ cache: '/scratch/cvmfs-2.x' });
    await outcomesOf([cache ?? expect.fail()], {
      ...machine.ports,
      exec,
      users: { ...machine.ports.users, find: async () => ({ uid: 0, gid: 0 }) },
    });
    expect(ran).toEqual(expected);
  });
});
