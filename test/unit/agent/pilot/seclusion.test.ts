import { describe, expect, test } from 'vitest';
import { seclusionOf } from '../../../../agent/pilot/unit/seclusion.ts';
import { systemdRunArguments } from '../../../../agent/pilot/unit/systemd.ts';
import { makeTmpFolder } from '../../../../agent/pilot/unit/tmp-folder.ts';
import type { UnitSpec } from '../../../../agent/pilot/unit/unit.ts';
import { createMemoryFiles } from '../../../support/memory-files.ts';

const specOf = (change: Partial<UnitSpec> = {}): UnitSpec => ({
  slot: '00',
  generation: 3,
  command: ['/bin/true'],
  environment: {},
  workingFolder: '/scratch/plt00',
  user: 'plt00',
  owner: { uid: 1001, gid: 1000 },
  limits: { cores: 4, memoryMb: 8000, tasks: 100 },
  reach: {
    scratch: '/scratch',
    own: ['/run/pilotage/pilots/00-3', '/scratch/plt00'],
    shown: ['/run/pilotage/told'],
    tmp: '/scratch/plt00.tmp',
  },
  ...change,
});

const valuesOf = (spec: UnitSpec, property: string): string[] =>
  seclusionOf(spec).flatMap(([name, value]) => (name === property ? [value] : []));

describe('a unit of systemd', () => {
  test('sees nothing of ours and of scratch but its own', () => {
    const empty = valuesOf(specOf(), 'TemporaryFileSystem').map(value => value.split(':')[0]);
    expect(empty).toEqual(['/run/pilotage', '/scratch', '/dev/shm']);
    expect(valuesOf(specOf(), 'BindPaths')).toEqual([
      '/scratch/plt00.tmp/tmp:/tmp /scratch/plt00.tmp/var-tmp:/var/tmp',
      '-/run/pilotage/pilots/00-3 -/scratch/plt00',
    ]);
    expect(valuesOf(specOf(), 'BindReadOnlyPaths')).toEqual(['-/run/pilotage/told']);
    const closed = valuesOf(specOf(), 'InaccessiblePaths').join(' ').split(' ');
    for (const path of [
      '/var/lib/pilotage',
      '/etc/pilotage',
      '/var/log/pilotage',
      '/run/pilotage-exits',
    ])
      expect(closed).toContain(`-${path}`);
  });

  test('has no /tmp of the root disk', () => {
    expect(valuesOf(specOf(), 'PrivateTmp')).toEqual([]);
    const { reach: _, ...unknown } = specOf();
    expect(valuesOf(unknown, 'PrivateTmp')).toEqual(['yes']);
  });

  test('leaves rootless containers, the automounter and user namespaces what they need', () => {
    const names = seclusionOf(specOf()).map(([name]) => name);
    for (const name of [
      ...['RestrictNamespaces', 'ProtectKernelTunables', 'ProtectKernelLogs', 'ProtectSystem'],
      ...['PrivateMounts', 'MountFlags', 'PrivateDevices', 'PrivateUsers', 'ProcSubset'],
    ])
      expect(names).not.toContain(name);
  });

  test('may make groups below its own where its kind does', () => {
    expect(valuesOf(specOf(), 'Delegate')).toEqual([]);
    expect(valuesOf(specOf({ makesGroups: true }), 'Delegate')).toEqual(['yes']);
  });

  test.each([
    ['plt00', 'ProtectProc', ['invisible']],
    ['root', 'ProtectProc', []],
    ['root', 'NoNewPrivileges', ['yes']],
  ])('of %s has %s: %j', (user, property, values) => {
    expect(valuesOf(specOf({ user }), property)).toEqual(values);
  });

  test('of root cannot end or change the machine', () => {
    const [set] = valuesOf(specOf({ user: 'root' }), 'CapabilityBoundingSet');
    expect(set).toMatch(/^~.*CAP_SYS_BOOT/);
  });

  test.each<[Partial<UnitSpec['limits']>, string[], string[]]>([
    [
      {},
      ['CPUQuota=400%', 'CPUWeight=400', 'IOWeight=400', 'MemoryHigh=7600M', 'MemoryMax=8000M'],
      ['MemorySwapMax'],
    ],
    [{ swapMb: 0 }, ['MemorySwapMax=0M'], []],
    [{ swapMb: 500 }, ['MemorySwapMax=500M'], []],
    // systemd's bounds of a weight are 1 and 10000.
    [{ cores: 256 }, ['CPUWeight=10000', 'IOWeight=10000'], []],
  ])('with %j is limited', (change, expected, absent) => {
    const limits = { ...specOf().limits, ...change };
    const args = systemdRunArguments(specOf({ limits }));
    for (const property of expected) expect(args).toContain(property);
    for (const name of absent) expect(args.filter(arg => arg.startsWith(`${name}=`))).toEqual([]);
  });
});

test('the tmp folders of a run are ones that a slot cannot exchange', async () => {
  const files = createMemoryFiles();
  await makeTmpFolder(files, '/scratch/plt00.tmp');
  const modes = ['', '/tmp', '/var-tmp'].map(async name => {
    const facts = await files.facts(`/scratch/plt00.tmp${name}`);
    return facts?.mode.toString(8);
  });
  expect(await Promise.all(modes)).toEqual(['700', '1777', '1777']);
});
