import { describe, expect, test } from 'vitest';
import { groupSettings, ownGroup } from '../../../../agent/pilot/unit/cgroup-tree.ts';
import { asOwner } from '../../../../agent/pilot/unit/leader.ts';
import { rlimitsOf } from '../../../../agent/pilot/unit/session.ts';

const mounted = (root: string, folder: string): string =>
  `30 24 0:26 ${root} ${folder} rw,nosuid shared:4 - cgroup2 cgroup rw,nsdelegate\n`;
const LIMITS = { cores: 2, memoryMb: 100, tasks: 50 };
const SPEC = {
  ...{ slot: '00', generation: 1, command: ['/bin/pilot', '-x'], environment: {} },
  ...{ workingFolder: '/', user: 'plt00', owner: { uid: 1001, gid: 1000 }, limits: LIMITS },
};

describe('the agent’s own group', () => {
  test.each<[string, string, string, string | undefined]>([
    [
      'of a container with its own view',
      '0::/\n',
      mounted('/', '/sys/fs/cgroup'),
      '/sys/fs/cgroup',
    ],
    [
      'below it',
      '0::/pilotage-agent\n',
      mounted('/', '/sys/fs/cgroup'),
      '/sys/fs/cgroup/pilotage-agent',
    ],
    [
      'of a container with its host’s names',
      '0::/docker/a/b\n',
      mounted('/docker/a', '/sys/fs/cgroup'),
      '/sys/fs/cgroup/b',
    ],
    [
      'that is mounted, itself',
      '0::/docker/a\n',
      mounted('/docker/a', '/sys/fs/cgroup'),
      '/sys/fs/cgroup',
    ],
    [
      'that is not below what is mounted',
      '0::/other\n',
      mounted('/docker/a', '/sys/fs/cgroup'),
      undefined,
    ],
    [
      'beside groups of version 1',
      '4:memory:/x\n0::/y\n',
      mounted('/', '/sys/fs/cgroup/unified'),
      '/sys/fs/cgroup/unified/y',
    ],
    ['of version 1 alone', '4:memory:/x\n', '30 24 0:26 / /sys rw - cgroup cgroup rw\n', undefined],
    ['that nobody mounted', '0::/\n', '', undefined],
  ])('%s', (_what, cgroup, mountinfo, expected) => {
    expect(ownGroup(cgroup, mountinfo)).toBe(expected);
  });
});

test('a run’s limits are written into the files that the kernel has for them', () => {
  const all = ['memory', 'pids', 'cpu', 'io'];
  expect(groupSettings({ ...LIMITS, swapMb: 0 }, all)).toEqual([
    ['memory.max', '104857600'],
    ['memory.high', '99614720'],
    ['memory.swap.max', '0'],
    ['pids.max', '50'],
    ['cpu.max', '200000 100000'],
    ['cpu.weight', '200'],
    ['io.weight', '200'],
  ]);
  expect(groupSettings(LIMITS, ['pids']).map(([file]) => file)).toEqual(['pids.max']);
});

describe('without groups', () => {
  test('a user is held to tasks, and each of its processes to memory', () => {
    expect(rlimitsOf(SPEC)).toEqual([
      'prlimit',
      '--nproc=50',
      '--data=104857600',
      '--core=0',
      '--',
    ]);
    expect(rlimitsOf({ ...SPEC, user: 'root' })).toEqual([]);
  });

  test('a pilot is its user, and can become no other', () => {
    expect(asOwner(SPEC).join(' ')).toBe(
      'setpriv --reuid 1001 --regid 1000 --clear-groups --no-new-privs -- /bin/pilot -x',
    );
    expect(asOwner({ ...SPEC, user: 'root' }).join(' ')).toBe(
      'setpriv --no-new-privs -- /bin/pilot -x',
    );
    expect(() => asOwner({ ...SPEC, owner: undefined })).toThrow('there is no user plt00');
  });
});
