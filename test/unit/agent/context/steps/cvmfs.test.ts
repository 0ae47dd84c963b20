import { describe, expect, test } from 'vitest';
import { undoOthers } from '../../../../../agent/context/apply.ts';
import { planCvmfs } from '../../../../../agent/context/planners/cvmfs.ts';
import type { Step } from '../../../../../agent/context/step.ts';
import { type CvmfsMachine, createCvmfsMachine } from '../../../../support/cvmfs/cvmfs-machine.ts';
import { createFolderMachine } from '../../../../support/folder-machine.ts';
import { createMemorySystem } from '../../../../support/memory-system.ts';
import { contextOf, createStepPorts, filesOf, outcomesOf } from '../../../../support/step-ports.ts';

/** All of it against the stand-in, which reads what was written as the client does. */

const IDS = { instanceId: 'i-1', bootId: 'b-1' };
const A = 'a.example.org';
const B = 'b.example.org';
const DONE = {
  'cvmfs-client': 'done',
  cvmfs: 'done',
  'cvmfs-cache': 'done',
  'cvmfs-mount': 'done',
};
const SPARED = Object.fromEntries(Object.keys(DONE).map(id => [id, 'spared']));

const plan = (cvmfs: object = {}): Step[] =>
  planCvmfs(contextOf({ cvmfs: { repositories: [A, B], proxies: 'http://p:3128', ...cvmfs } }), {
    cvmfsVolumeMb: 100_000,
  });
const byFstab = (more: object = {}): Step[] => plan({ mount: 'fstab', ...more });
const check = async (machine: CvmfsMachine): Promise<string> => {
  const { stdout } = await machine.run('/usr/bin/cvmfs_config', 'chksetup');
  return stdout.trim();
};

describe('by the automounter', () => {
  test('the client is set up, and finds nothing to complain of', async () => {
    const machine = await createCvmfsMachine();
    expect(await outcomesOf(plan(), machine.ports)).toEqual(DONE);
    expect(await machine.mounts()).toEqual(['/cvmfs autofs']);
    expect(await check(machine)).toBe('OK');
    await machine.access(A);
    expect((await machine.run('/usr/bin/cvmfs_config', 'probe', A)).stdout).toContain('OK');
    expect(await outcomesOf(plan(), machine.ports)).toEqual(SPARED);
  });

  test('a client at work is told of what changed, and of nothing else', async () => {
    const machine = await createCvmfsMachine();
    await outcomesOf(plan(), machine.ports);
    await machine.access(A);
    await outcomesOf(plan(), machine.ports);
    expect(machine.ran).not.toContain('/usr/bin/cvmfs_config reload');
    await outcomesOf(plan({ proxies: 'http://q:3128' }), machine.ports);
    expect((await machine.run('/usr/bin/cvmfs_talk', '-i', A, 'proxy', 'info')).stdout).toContain(
      'Active proxy: [0] http://q:3128',
    );
  });

  test('all of it is taken back, also while a repository is mounted', async () => {
    const machine = await createCvmfsMachine();
    const before = await filesOf(machine.files, '/etc');
    await outcomesOf(plan(), machine.ports);
    await machine.access(A);
    await undoOthers([], IDS, machine.ports);
    expect(await machine.mounts()).toEqual([]);
    const { '/etc/passwd': _, '/etc/group': __, ...after } = await filesOf(machine.files, '/etc');
    expect(after).toEqual(before);
  });

  test('what the image had set up stays, before and after', async () => {
    const machine = await createCvmfsMachine();
    await machine.run('/usr/bin/cvmfs_config', 'setup');
    await outcomesOf(plan(), machine.ports);
    await undoOthers([], IDS, machine.ports);
    expect(await machine.mounts()).toEqual(['/cvmfs autofs']);
    expect(await machine.read('/etc/auto.master.d/cvmfs.autofs')).toContain('/etc/auto.cvmfs');
  });

  test('DIRECT survives the fallback of the packaged configuration', async () => {
    const machine = await createCvmfsMachine();
    machine.put([
      {
        path: '/etc/cvmfs/domain.d/example.org.local',
        content: [
          'CVMFS_FALLBACK_PROXY=',
          'if [ "$CVMFS_USE_CDN" != "yes" ] && [ "$CVMFS_CLIENT_PROFILE" != "custom" ]; then',
          '  CVMFS_FALLBACK_PROXY="http://fallback:3126"',
          'fi',
          '',
        ].join('\n'),
        mode: 0o644,
      },
    ]);
    const proxies = async (cvmfs: object) => {
      await outcomesOf(plan(cvmfs), machine.ports);
      const mounted = (await machine.mounts()).some(line => line.includes(A));
      if (!mounted) await machine.access(A);
      return (await machine.run('/usr/bin/cvmfs_talk', '-i', A, 'proxy', 'info')).stdout;
    };
    expect(await proxies({ proxies: 'http://p:3128;DIRECT' })).toContain('[1] DIRECT');
    expect(await proxies({ proxies: 'http://p:3128;DIRECT', clientProfile: 'single' })).toContain(
      '[1] http://fallback:3126',
    );
  });

  test('an fstab of somebody else is no place for it', async () => {
    const machine = await createCvmfsMachine();
    machine.put([
      { path: '/etc/fstab', content: `${A} /cvmfs/${A} cvmfs defaults 0 0\n`, mode: 0o644 },
    ]);
    await expect(outcomesOf(plan(), machine.ports)).rejects.toThrow(
      '/etc/fstab mounts /cvmfs/a.example.org as well, by a line that is not ours; remedy:',
    );
  });

  test('an automounter that does not come up fails with a remedy', async () => {
    const machine = await createCvmfsMachine();
    const ran: string[] = [];
    const exec = {
      run: async (command: string, args: readonly string[]) => {
        ran.push([command, ...args].join(' '));
        return { exitCode: 0, stdout: '', stderr: '' };
      },
    };
    const system = createMemorySystem({});
    await expect(
      outcomesOf(plan(), {
        ...machine.ports,
        exec,
        system,
        users: { ...machine.ports.users, find: async () => ({ uid: 0, gid: 0 }) },
      }),
    ).rejects.toThrow('autofs does not serve /cvmfs, although it was set up; remedy:');
    expect(ran).toEqual(['/usr/bin/cvmfs_config setup']);
    expect(system.done).toEqual(['restart autofs']);
  });
});

describe('by fstab', () => {
  const LINES = [A, B].map(
    name =>
      `${name} /cvmfs/${name} cvmfs defaults,_netdev,nodev,nofail,x-systemd.requires-mounts-for=/var/lib/cvmfs 0 0`,
  );

  test('lines of ours are added to those of others, and the repositories are mounted', async () => {
    const machine = await createCvmfsMachine();
    expect(await outcomesOf(byFstab(), machine.ports)).toEqual(DONE);
    expect((await machine.read('/etc/fstab')).split('\n')).toEqual([
      '/dev/vda1 / ext4 defaults 0 1',
      '# pilotage cvmfs: begin',
      ...LINES,
      '# pilotage cvmfs: end',
      '',
    ]);
    expect(await machine.mounts()).toEqual([`/cvmfs/${A} fuse`, `/cvmfs/${B} fuse`]);
    expect(await check(machine)).toBe('OK');
    expect(await outcomesOf(byFstab(), machine.ports)).toEqual(SPARED);
  });

  test('a line that is there already is not written twice', async () => {
    const machine = await createCvmfsMachine();
    const line = `${A} /cvmfs/${A} cvmfs defaults 0 0`;
    machine.put([{ path: '/etc/fstab', content: `${line}\n`, mode: 0o644 }]);
    await outcomesOf(byFstab(), machine.ports);
    expect(
      (await machine.read('/etc/fstab')).split('\n').filter(found => found.startsWith(A)),
    ).toEqual([line]);
    expect(await machine.mounts()).toHaveLength(2);
  });

  test('a repository that the context drops is unmounted, and its folder goes', async () => {
    const machine = await createCvmfsMachine();
    await outcomesOf(byFstab(), machine.ports);
    await outcomesOf(byFstab({ repositories: [B] }), machine.ports);
    expect(await machine.mounts()).toEqual([`/cvmfs/${B} fuse`]);
    expect(await machine.files.list('/cvmfs')).toEqual([B]);
    expect(await machine.read('/etc/fstab')).not.toContain(A);
  });

  test('is taken back with its folders', async () => {
    const machine = await createCvmfsMachine();
    const before = await filesOf(machine.files, '/etc');
    await outcomesOf(byFstab(), machine.ports);
    await undoOthers([], IDS, machine.ports);
    expect(await machine.mounts()).toEqual([]);
    expect(await machine.files.list('/cvmfs')).toEqual([]);
    const { '/etc/passwd': _, '/etc/group': __, ...after } = await filesOf(machine.files, '/etc');
    expect(after).toEqual(before);
  });

  test('what is not mounted after a reboot is mounted again', async () => {
    const machine = await createCvmfsMachine();
    await outcomesOf(byFstab(), machine.ports);
    machine.put([{ path: '/proc/mounts', content: '', mode: 0o644 }]);
    expect(await outcomesOf(byFstab(), machine.ports)).toEqual({
      ...SPARED,
      'cvmfs-mount': 'done',
    });
    expect(await machine.mounts()).toHaveLength(2);
  });

  test('a repository that cannot be mounted is tried again, then fails by name', async () => {
    const machine = await createCvmfsMachine();
    const steps = byFstab({ repositories: [A, 'none.example.org'] });
    await expect(outcomesOf(steps, machine.ports)).rejects.toThrow(
      /cannot mount \/cvmfs\/none\.example\.org: .*failed to download repository manifest.*; remedy:/,
    );
    expect(machine.ran.filter(line => line === 'mount /cvmfs/none.example.org')).toHaveLength(3);
  });
});

describe('from one to the other', () => {
  test('each takes back the other, and both are never there', async () => {
    const machine = await createCvmfsMachine();
    const master = await machine.read('/etc/auto.master');
    await outcomesOf(plan(), machine.ports);
    await machine.access(A);
    await outcomesOf(byFstab(), machine.ports);
    expect(await machine.mounts()).toEqual([`/cvmfs/${A} fuse`, `/cvmfs/${B} fuse`]);
    expect(await machine.files.list('/etc/auto.master.d')).toEqual(['net.autofs']);
    expect(await check(machine)).toBe('OK');
    await outcomesOf(plan(), machine.ports);
    expect(await machine.mounts()).toEqual(['/cvmfs autofs']);
    expect(await machine.read('/etc/fstab')).toBe('/dev/vda1 / ext4 defaults 0 1\n');
    expect(await check(machine)).toBe('OK');
    await undoOthers([], IDS, machine.ports);
    expect(await machine.mounts()).toEqual([]);
    expect(await machine.files.list('/etc/auto.master.d')).toEqual(['net.autofs']);
    expect(await machine.read('/etc/auto.master')).toBe(master);
  });

  test('a line in the master map itself is found too, and put back in the end', async () => {
    const machine = await createCvmfsMachine();
    const master = '/home auto.home\n/cvmfs   program:/etc/auto.cvmfs --timeout 60\n';
    machine.put([{ path: '/etc/auto.master', content: master, mode: 0o644 }]);
    await outcomesOf(byFstab(), machine.ports);
    expect(await machine.read('/etc/auto.master')).toBe('/home auto.home\n');
    await undoOthers([], IDS, machine.ports);
    expect(await machine.read('/etc/auto.master')).toBe(master);
  });
});

describe('a folder that stands for a machine', () => {
  test('gets the files, and no program is run', async () => {
    const { files } = createFolderMachine();
    const ports = createStepPorts(files, {
      exec: { run: () => Promise.reject(new Error('a program was run')) },
    });
    expect(await outcomesOf(byFstab(), ports)).toEqual(DONE);
    expect(Object.keys(await filesOf(files))).toEqual(['/etc/cvmfs/default.local', '/etc/fstab']);
    expect(await files.list('/cvmfs')).toEqual([A, B]);
    expect(await outcomesOf(byFstab(), ports)).toEqual(SPARED);
  });
});
