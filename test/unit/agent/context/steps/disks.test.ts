import { describe, expect, test } from 'vitest';
import { undoOthers } from '../../../../../agent/context/apply.ts';
import { NO_HOOKS } from '../../../../../agent/context/hook-paths.ts';
import { planContext } from '../../../../../agent/context/plan.ts';
import type { Step } from '../../../../../agent/context/step.ts';
import type { Disk } from '../../../../../agent/disks/disk.ts';
import { PilotageError } from '../../../../../platform/errors.ts';
import { createMemoryDisks, disk, filesystem } from '../../../../support/memory-disks.ts';
import { createMemoryFiles } from '../../../../support/memory-files.ts';
import { createMemorySystem } from '../../../../support/memory-system.ts';
import { contextOf, createStepPorts, outcomesOf } from '../../../../support/step-ports.ts';

const IDS = { instanceId: 'i-1', bootId: 'b-1' };
const OURS = filesystem('ext4', 'pilotage-scr');

/** A machine with these disks; each `run` is a run of the agent with that context. */
const machineWith = async (...first: Disk[]) => {
  const disks = createMemoryDisks(first);
  const files = createMemoryFiles();
  await files.makeDirectory('/etc', { mode: 0o755 });
  await files.write('/etc/fstab', 'UUID=r / ext4 defaults 0 1\n', { mode: 0o644 });
  const ports = createStepPorts(files, { disks, system: createMemorySystem({}) });
  const plan = (context: object, instanceId = 'i-1'): Step[] =>
    planContext(contextOf(context), {
      instanceId,
      cores: 1,
      memoryMb: 1000,
      hooks: NO_HOOKS,
      disks: disks.disks(),
    }).filter(({ kind }) => kind !== 'machine-features');
  return {
    disks,
    files,
    ports,
    plan,
    run: (context: object, instanceId?: string) => outcomesOf(plan(context, instanceId), ports),
    undo: () => undoOthers([], IDS, ports),
    fstab: async () => (await files.read('/etc/fstab', 10_000))?.split('\n').slice(1),
  };
};
const largest = { scratch: { disk: 'largest-blank' } };

describe('a scratch disk', () => {
  test('that is blank is formatted, mounted, and mounted at the next boot', async () => {
    const vm = await machineWith(disk('/dev/vdb'));
    expect(vm.plan(largest)[0]).toMatchObject({
      what: 'use /dev/vdb (10.0 GiB, the largest blank disk) with ext4 as /scratch',
    });
    expect(await vm.run(largest)).toEqual({ 'scratch-disk': 'done' });
    expect(vm.disks.done).toEqual([
      'mkfs.ext4 /dev/vdb',
      'mount -t ext4 -o noatime,nodev,nosuid,usrquota /dev/vdb /scratch',
    ]);
    expect(await vm.fstab()).toEqual([
      '# pilotage scratch-disk: begin',
      expect.stringMatching(
        /^UUID=[0-9a-f-]{36} \/scratch ext4 noatime,nodev,nosuid,usrquota,nofail,x-systemd.device-timeout=60s 0 0$/,
      ),
      '# pilotage scratch-disk: end',
      '',
    ]);
    expect(await vm.run(largest)).toEqual({ 'scratch-disk': 'spared' });
    expect(vm.disks.done).toHaveLength(2);
  });

  test('is unmounted in the end, and what is on it stays', async () => {
    const vm = await machineWith(disk('/dev/vdb'));
    await vm.run(largest);
    await vm.undo();
    expect(vm.disks.done.at(-1)).toBe('umount /scratch');
    expect(vm.disks.disks()).toMatchObject([{ content: { label: 'pilotage-scr' }, mounts: [] }]);
    expect(await vm.fstab()).toEqual(['']);
  });

  test('that lost its mount is mounted again, not formatted', async () => {
    const vm = await machineWith(disk('/dev/vdb'));
    await vm.run(largest);
    await vm.disks.unmount('/scratch');
    vm.disks.done.length = 0;
    expect(await vm.run(largest)).toEqual({ 'scratch-disk': 'done' });
    expect(vm.disks.done).toEqual([
      'mount -t ext4 -o noatime,nodev,nosuid,usrquota /dev/vdb /scratch',
    ]);
  });

  test('that comes back blank, as one of an instance that was stopped, is formatted again', async () => {
    const vm = await machineWith(disk('/dev/vdb'));
    await vm.run(largest);
    await vm.disks.unmount('/scratch');
    const [used] = vm.disks.disks();
    await vm.disks.wipe(used ?? disk('/dev/vdb'));
    vm.disks.done.length = 0;
    expect(await vm.run(largest)).toEqual({ 'scratch-disk': 'done' });
    expect(vm.disks.done[0]).toBe('mkfs.ext4 /dev/vdb');
  });

  test('may be one partition', async () => {
    const vm = await machineWith(disk('/dev/vdb'));
    const context = { scratch: { disk: 'largest-blank', partition: true, filesystem: 'xfs' } };
    await vm.run(context);
    expect(vm.disks.done).toEqual([
      'partition /dev/vdb',
      'mkfs.xfs /dev/vdb1',
      'mount -t xfs -o noatime,nodev,nosuid,usrquota /dev/vdb1 /scratch',
    ]);
    expect(await vm.run(context)).toEqual({ 'scratch-disk': 'spared' });
  });

  test('that got a filesystem after the plan was made is not touched', async () => {
    const vm = await machineWith(disk('/dev/vdb'));
    const steps = vm.plan(largest);
    await vm.disks.makeFilesystem('/dev/vdb', { type: 'xfs', label: 'data', uuid: 'u' });
    await expect(outcomesOf(steps, vm.ports)).rejects.toThrow(
      '/dev/vdb is not touched: it holds xfs with the label data',
    );
    expect(vm.disks.done).toEqual(['mkfs.xfs /dev/vdb']);
  });

  test('that is named and right is mounted as it is', async () => {
    const vm = await machineWith(disk('/dev/vdb', { content: filesystem('ext4', 'data') }));
    await vm.run({ scratch: { disk: 'label:data' } });
    expect(vm.disks.done).toEqual([
      'mount -t ext4 -o noatime,nodev,nosuid,usrquota /dev/vdb /scratch',
    ]);
    expect(await vm.fstab()).toContainEqual(expect.stringMatching(/^UUID=u-1 \/scratch /));
  });

  test('that may be erased is, once for each instance', async () => {
    const vm = await machineWith(disk('/dev/vdb', { content: filesystem('ntfs', 'Temporary') }));
    const context = { scratch: { disk: '/dev/vdb', format: 'always' } };
    const formatting = ['wipe /dev/vdb', 'mkfs.ext4 /dev/vdb'];
    await vm.run(context);
    expect(vm.disks.done.slice(0, 2)).toEqual(formatting);
    await vm.disks.unmount('/scratch');
    vm.disks.done.length = 0;
    await vm.run(context);
    expect(vm.disks.done).not.toContain('wipe /dev/vdb');
    vm.disks.done.length = 0;
    await vm.run(context, 'i-2');
    expect(vm.disks.done.slice(0, 3)).toEqual(['umount /scratch', ...formatting]);
  });

  test('moves with its folder, also after a run that failed in between', async () => {
    const vm = await machineWith(
      disk('/dev/vdb'),
      disk('/dev/vdc', { content: filesystem('xfs', 'precious') }),
    );
    await vm.run(largest);
    await expect(vm.run({ scratch: { disk: '/dev/vdc', path: '/data' } })).rejects.toThrow(
      '/dev/vdc (10.0 GiB) holds xfs with the label precious; remedy: ',
    );
    vm.disks.done.length = 0;
    await vm.run({ scratch: { disk: 'largest-blank', path: '/data' } });
    expect(vm.disks.done).toEqual([
      'umount /scratch',
      'mount -t ext4 -o noatime,nodev,nosuid,usrquota /dev/vdb /data',
    ]);
  });

  test('is not mounted over what is not ours', async () => {
    const vm = await machineWith(
      disk('/dev/vdb'),
      disk('/dev/vdc', { mounts: ['/scratch'], content: filesystem('xfs') }),
    );
    await expect(vm.run(largest)).rejects.toThrow('something else is mounted on /scratch');
  });

  test('that is not there fails the step, or is gone without where the context allows it', async () => {
    const vm = await machineWith(disk('/dev/vda', { mounts: ['/'], content: filesystem('ext4') }));
    await expect(vm.run(largest)).rejects.toThrow(
      'no blank disk was found: /dev/vda (10.0 GiB) is left alone: it is in use (/)',
    );
    const optional = { scratch: { disk: 'largest-blank', required: false } };
    expect(await vm.run(optional)).toEqual({ 'scratch-disk': 'done' });
    expect(vm.plan(optional)[0]?.notices?.[0]).toContain('it is gone without');
    expect(vm.disks.done).toEqual([]);
  });

  test('is the volume that the CVMFS cache has to fit on, mounted or not', async () => {
    const cvmfs = {
      repositories: ['a.cern.ch'],
      proxies: 'http://p:3128',
      quotaMb: 20000,
      cache: '/scratch/cvmfs',
    };
    for (const content of [disk('').content, OURS]) {
      const vm = await machineWith(disk('/dev/vdb', { content }));
      const notices = vm
        .plan({ ...largest, cvmfs })
        .flatMap(step => (step.id === 'cvmfs' ? (step.notices ?? []) : []));
      expect(notices[0]).toContain('the volume of /scratch/cvmfs has 9728 MB');
    }
  });

  test.each([
    [{ disk: 'vdb' }, 'largest-blank, a device'],
    [{ disk: '/dev/../etc/passwd' }, 'largest-blank, a device'],
    [{ disk: 'label:a b' }, 'largest-blank, a device'],
    [{ disk: 'largest-blank', format: 'always' }, 'always erases, so it needs a disk'],
    [{ format: 'always' }, 'always erases, so it needs a disk'],
    [{ disk: 'label:longer-than-12c', filesystem: 'xfs' }, '12 for xfs'],
    [{ disk: '/dev/vdb', filesystem: 'btrfs' }, 'one of: ext4, xfs'],
  ])('is never told as %j', (scratch, message) => {
    expect(() => contextOf({ scratch })).toThrow(message);
  });
});

describe('swap', () => {
  const PATH = '/scratch/pilotage.swap';
  const make = (path: string, sizeMb: number) => [
    `allocate ${path} ${sizeMb} MB`,
    `mkswap ${path}`,
    `swapon ${path}`,
  ];

  test('to a file, by a share of the memory, now and at every boot', async () => {
    const vm = await machineWith();
    const context = { swap: { memoryShare: 0.25 } };
    await vm.run(context);
    expect(vm.disks.done).toEqual(make(PATH, 250));
    expect((await vm.files.facts(PATH))?.mode).toBe(0o600);
    expect(await vm.fstab()).toContain(`${PATH} none swap sw,nofail 0 0`);
    expect(await vm.run(context)).toEqual({ 'swap-file': 'spared' });
    await vm.undo();
    expect(vm.disks.done.at(-1)).toBe(`swapoff ${PATH}`);
    expect(await vm.files.facts(PATH)).toBeUndefined();
    expect(await vm.fstab()).toEqual(['']);
  });

  test('is written out where what was allocated is refused', async () => {
    const vm = await machineWith();
    const { swapOn } = vm.disks;
    let refused = false;
    vm.disks.swapOn = async path => {
      if (refused) return swapOn(path);
      refused = true;
      throw new PilotageError('command-failed', 'swapon: it appears to have holes');
    };
    await vm.run({ swap: { sizeMb: 64 } });
    expect(vm.disks.done.filter(line => !line.startsWith('mkswap'))).toEqual([
      `allocate ${PATH} 64 MB`,
      `fill ${PATH} 64 MB`,
      `swapon ${PATH}`,
    ]);
  });

  test('to a file elsewhere lets the first one go', async () => {
    const vm = await machineWith();
    await vm.run({ swap: { sizeMb: 64 } });
    vm.disks.done.length = 0;
    await vm.run({ swap: { sizeMb: 64, path: '/var/swap/a' } });
    expect(vm.disks.done).toEqual([`swapoff ${PATH}`, ...make('/var/swap/a', 64)]);
  });

  test('never takes the place of a file that is not ours', async () => {
    const vm = await machineWith();
    await vm.files.makeDirectory('/data', { mode: 0o755 });
    await vm.files.write('/data/thesis', 'years of work', { mode: 0o644 });
    await expect(vm.run({ swap: { sizeMb: 64, path: '/data/thesis' } })).rejects.toThrow(
      '/data/thesis exists, and is no swap file of ours',
    );
    expect(await vm.files.read('/data/thesis', 100)).toBe('years of work');
  });

  test('needs its room and some beside it', async () => {
    const vm = await machineWith();
    await expect(vm.run({ swap: { sizeMb: 900 } })).rejects.toThrow(
      '/scratch has 953 MB free, too little for 900 MB of swap',
    );
  });

  test('to a disk that is blank, beside the one for scratch', async () => {
    const vm = await machineWith(
      disk('/dev/vdb', { sizeBytes: 2 * 1024 ** 3 }),
      disk('/dev/vdc', { sizeBytes: 9 * 1024 ** 3 }),
    );
    const context = { ...largest, swap: { disk: 'largest-blank' } };
    await vm.run(context);
    expect(vm.disks.done.slice(2)).toEqual(['mkswap /dev/vdb', 'swapon /dev/vdb']);
    expect(await vm.run(context)).toEqual({ 'scratch-disk': 'spared', 'swap-disk': 'spared' });
    await vm.undo();
    expect(vm.disks.done.slice(4)).toEqual(['swapoff /dev/vdb', 'umount /scratch']);
    expect(await vm.fstab()).toEqual(['']);
  });

  test.each([
    [{}, 'one of sizeMb, memoryShare and disk'],
    [{ sizeMb: 64, memoryShare: 1 }, 'one of sizeMb, memoryShare and disk'],
    [{ disk: '/dev/vdb', path: '/x' }, 'a path, or a disk'],
    [{ sizeMb: 64, path: '../x' }, 'an absolute path'],
    [{ memoryShare: 0 }, 'at least 0.01'],
  ])('is never told as %j', (swap, message) => {
    expect(() => contextOf({ swap })).toThrow(message);
  });
});
