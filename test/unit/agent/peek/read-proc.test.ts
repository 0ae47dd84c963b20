import { expect, test } from 'vitest';
import { groupOf, readGroupUse, readUptimeMs } from '../../../../agent/peek/read-proc.ts';
import { createMemoryFiles } from '../../../support/memory-files.ts';

const machine = async (cgroup: string, counters: Record<string, string> = {}) => {
  const files = createMemoryFiles();
  await files.makeDirectory('/proc/7', { mode: 0o755 });
  await files.write('/proc/7/cgroup', cgroup, { mode: 0o444 });
  for (const [path, text] of Object.entries(counters)) {
    await files.makeDirectory(path.slice(0, path.lastIndexOf('/')), { mode: 0o755 });
    await files.write(path, text, { mode: 0o444 });
  }
  return files;
};
const UNIT = '/pilotage.slice/pilotage-pilots.slice/pilotage-pilot-00-3.service';

test.each([
  [`0::${UNIT}\n`, `/sys/fs/cgroup${UNIT}`],
  [`0::${UNIT}/container/payload\n`, `/sys/fs/cgroup${UNIT}`],
  [`1:name=x:/\n0::${UNIT}\n`, `/sys/fs/cgroup${UNIT}`],
  ['0::/pilotage/00-3/pilot\n', '/sys/fs/cgroup/pilotage/00-3/pilot'],
  ['0::/pilotage/00-3/leader\n', undefined],
  ['0::/user.slice/session-3.scope\n', undefined],
  ['0::/\n', undefined],
  ['', undefined],
])('a process in %j belongs to the pilot’s group %s', async (cgroup, group) => {
  expect(await groupOf(await machine(cgroup), 7)).toBe(group);
});

test('a group tells what it has counted, and no more', async () => {
  const at = `/sys/fs/cgroup${UNIT}`;
  const counters = { [`${at}/memory.current`]: '4096\n', [`${at}/memory.max`]: 'max\n' };
  const host = await machine(`0::${UNIT}\n`, counters);
  expect(await readGroupUse(host, 7)).toEqual({
    memory: { usedBytes: 4096, mostBytes: undefined },
  });
  expect(await readGroupUse(host, 8)).toEqual({});
  expect(await readGroupUse(host, undefined)).toEqual({});
});

test('the age of processes is told by the clock of the boot', async () => {
  const host = await machine('', { '/proc/uptime': '12.34 5.00\n' });
  expect(await readUptimeMs({ host })).toBe(12_340);
  expect(await readUptimeMs({ host: createMemoryFiles() })).toBe(0);
});
