import { dirname } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  groupsAbove,
  parseAllowed,
  parseCpuList,
  parseCpuMax,
} from '../../../../agent/context/cpu-lists.ts';
import { readSize } from '../../../../agent/context/read-size.ts';
import { createMemoryFiles } from '../../../support/memory-files.ts';

describe('what the kernel writes', () => {
  test.each<[string, number[] | undefined]>([
    ['0-3\n', [0, 1, 2, 3]],
    ['0', [0]],
    ['0,2-3,8', [0, 2, 3, 8]],
    ['', undefined],
    ['3-1', undefined],
    ['0-99999', undefined],
    ['0-3:2/4', undefined],
    ['-1', undefined],
  ])('the list %j is %j', (text, cpus) => expect(parseCpuList(text)).toEqual(cpus));

  test('any list is read back as it was written', () => {
    fc.assert(
      fc.property(fc.uniqueArray(fc.nat(4096), { minLength: 1 }), cpus => {
        expect(parseCpuList(cpus.join(','))).toEqual(cpus.toSorted((a, b) => a - b));
      }),
    );
  });

  test('cpu.max, the groups above a process, and what it may run on', () => {
    expect(parseCpuMax('250000 100000\n')).toBe(2.5);
    expect(parseCpuMax('max 100000\n')).toBeUndefined();
    expect(parseCpuMax('')).toBeUndefined();
    expect(groupsAbove('1:name=systemd:/x\n0::/a.slice/b.service\n')).toEqual([
      '/a.slice/b.service',
      '/a.slice',
      '',
    ]);
    expect(groupsAbove('0::/\n')).toEqual(['']);
    expect(groupsAbove('0::/../../c\n')).toEqual(['/c', '']);
    expect(groupsAbove('4:memory:/x\n')).toEqual([]);
    expect(parseAllowed('Name:\tnode\nCpus_allowed:\tf\nCpus_allowed_list:\t0-3\n')).toEqual([
      0, 1, 2, 3,
    ]);
  });
});

/** A machine of eight threads, two a core. */
const hostOf = async (more: Readonly<Record<string, string>> = {}) => {
  const files = createMemoryFiles();
  const texts: Record<string, string> = {
    '/sys/devices/system/cpu/online': '0-7\n',
    '/proc/self/status': 'Cpus_allowed_list:\t0-7\n',
    '/proc/self/cgroup': '0::/\n',
    '/proc/1/status': 'Cpus_allowed_list:\t0-7\n',
    '/proc/1/cgroup': '0::/init.scope\n',
    ...more,
  };
  for (let cpu = 0; cpu < 8; cpu += 1)
    texts[`/sys/devices/system/cpu/cpu${cpu}/topology/thread_siblings_list`] =
      `${cpu % 4},${(cpu % 4) + 4}\n`;
  for (const [path, text] of Object.entries(texts)) {
    await files.makeDirectory(dirname(path), { mode: 0o755 });
    await files.write(path, text, { mode: 0o444 });
  }
  return files;
};

describe('what pilots can use of a machine of 8 threads on 4 cores', () => {
  test.each<[string, Record<string, string>, number, number]>([
    ['all of it', {}, 8, 4],
    ['what affinity leaves', { '/proc/self/status': 'Cpus_allowed_list:\t0-2,4\n' }, 4, 3],
    ['what a group leaves', { '/sys/fs/cgroup/cpu.max': '350000 100000\n' }, 3, 3],
    ['one at the least', { '/sys/fs/cgroup/cpu.max': '50000 100000\n' }, 1, 1],
    [
      'what a group further up leaves',
      { '/proc/self/cgroup': '0::/a/b\n', '/sys/fs/cgroup/a/cpu.max': '200000 100000\n' },
      2,
      2,
    ],
    ['a processor that is off is none', { '/sys/devices/system/cpu/online': '0-3\n' }, 4, 4],
  ])('%s', async (_what, more, cores, physicalCores) => {
    expect(await readSize(await hostOf(more), false)).toMatchObject({ cores, physicalCores });
  });

  test('under systemd the limits of the agent are not those of the pilots', async () => {
    const own = { '/proc/self/cgroup': '0::/a\n', '/sys/fs/cgroup/a/cpu.max': '100000 100000\n' };
    expect(await readSize(await hostOf(own), true)).toMatchObject({ cores: 8 });
    expect(await readSize(await hostOf(own), false)).toMatchObject({ cores: 1 });
  });

  test('the memory that a group leaves', async () => {
    const host = await hostOf({ '/sys/fs/cgroup/memory.max': `${256 * 1024 * 1024}\n` });
    expect(await readSize(host, false)).toMatchObject({ memoryMb: 256 });
  });
});

test('a machine that tells nothing of this still has its processors', async () => {
  const { cores, physicalCores, memoryMb } = await readSize(createMemoryFiles(), false);
  expect(cores).toBeGreaterThanOrEqual(1);
  expect(physicalCores).toBe(cores);
  expect(memoryMb).toBeGreaterThan(100);
});
