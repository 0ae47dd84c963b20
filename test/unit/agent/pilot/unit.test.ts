import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { cpuCoresByUnit, sampleCpu } from '../../../../agent/monitor/readings/cpu.ts';
import { parseLoad } from '../../../../agent/monitor/readings/load.ts';
import { parseStat } from '../../../../agent/pilot/unit/proc-stat.ts';
import { mainOf } from '../../../../agent/pilot/unit/session.ts';
import { createSystemdUnits, systemdRunArguments } from '../../../../agent/pilot/unit/systemd.ts';
import { describeExit, parseExit, parseUnitId, unitId } from '../../../../agent/pilot/unit/unit.ts';
import { FAILED, measured, NO_DATA, sumReadings } from '../../../../agent/reading.ts';
import { createMemoryFiles } from '../../../support/memory-files.ts';

const SPEC = {
  slot: '00',
  generation: 3,
  command: ['/bin/sh', '-c', 'echo $HOME 100%'],
  environment: { A: '1 $x' },
  workingFolder: '/scratch/plt00',
  user: 'plt00',
  owner: undefined,
  limits: { cores: 2, memoryMb: 1000, tasks: 100 },
};

describe('a unit', () => {
  test('is named by slot and generation', () => {
    expect(parseUnitId(unitId({ slot: '07', generation: 12 }))).toEqual({
      slot: '07',
      generation: 12,
    });
    for (const name of ['', '7-1', '00-', '00-1.new', '../00-1', '00-1/..'])
      expect(parseUnitId(name)).toBeUndefined();
  });

  test.each([
    ['success exited 0', 'exit 0'],
    ['exit-code exited 3', 'exit 3'],
    ['signal killed TERM', 'signal TERM'],
    ['signal killed 15', 'signal TERM'],
    ['success killed TERM', 'signal TERM'],
    ['core-dump dumped SEGV', 'signal SEGV'],
    ['oom-kill killed KILL', 'oom-kill (signal KILL)'],
    ['timeout killed KILL', 'timeout (signal KILL)'],
    ['', 'unknown'],
  ])('that ended as %j is told as %j', (record, told) => {
    expect(describeExit(parseExit(record))).toBe(told);
  });

  test('of systemd may be divided by its pilot only where its kind asks for that', () => {
    expect(systemdRunArguments(SPEC).join(' ')).not.toContain('Delegate');
    expect(systemdRunArguments({ ...SPEC, makesGroups: true })).toContain('Delegate=yes');
  });

  test('of systemd has a user, limits and logs', () => {
    const args = systemdRunArguments(SPEC);
    expect(args).toContain('--unit=pilotage-pilot-00-3.service');
    for (const property of [
      'User=plt00',
      'CPUQuota=200%',
      'MemoryMax=1000M',
      'TasksMax=100',
      'NoNewPrivileges=yes',
      'Slice=pilotage-pilots.slice',
    ])
      expect(args).toContain(property);
    // What the pilot is given is not for systemd to expand.
    expect(args.at(-1)).toBe('echo $$HOME 100%');
    expect(args.join('\n')).not.toContain('Device');
  });

  test('may open the devices that are its own, and no GPU of another', () => {
    const allowed = (devices: readonly string[]) =>
      systemdRunArguments({ ...SPEC, devices }).filter(arg => arg.startsWith('Device'));
    const ordinary = ['/dev/fuse', '/dev/net/tun', '/dev/loop-control', 'block-loop'];
    expect(allowed([])).toEqual([
      'DevicePolicy=closed',
      ...ordinary.map(device => `DeviceAllow=${device} rw`),
    ]);
    expect(allowed(['/dev/nvidia1']).at(-1)).toBe('DeviceAllow=/dev/nvidia1 rw');
  });
});

describe('units of systemd', () => {
  const SLICE = '/sys/fs/cgroup/pilotage.slice/pilotage-pilots.slice';
  const exec = { run: () => Promise.reject(new Error('nothing is run to look')) };
  const sight = async (groups: Record<string, string>, records: Record<string, string>) => {
    const files = createMemoryFiles();
    await files.makeDirectory('/run/pilotage-exits', { mode: 0o700 });
    for (const [name, cpu] of Object.entries(groups)) {
      await files.makeDirectory(`${SLICE}/${name}`, { mode: 0o755 });
      await files.write(`${SLICE}/${name}/cpu.stat`, cpu, { mode: 0o444 });
    }
    for (const [name, text] of Object.entries(records))
      await files.write(`/run/pilotage-exits/${name}`, text, { mode: 0o600 });
    return createSystemdUnits(files, exec).sight();
  };

  test('run as long as their group is there and no end is recorded', async () => {
    const groups = {
      'pilotage-pilot-00-1.service': 'usage_usec 1500000\nuser_usec 1\n',
      'pilotage-pilot-01-2.service': 'usage_usec 7\n',
      'something-else.service': 'usage_usec 7\n',
    };
    expect(
      await sight(groups, { '01-2': 'exit-code exited 3\n', '02-9': 'success exited 0\n' }),
    ).toEqual([
      {
        slot: '01',
        generation: 2,
        state: 'ended',
        exit: { result: 'exit-code', code: 'exited', status: '3' },
      },
      {
        slot: '02',
        generation: 9,
        state: 'ended',
        exit: { result: 'success', code: 'exited', status: '0' },
      },
      { slot: '00', generation: 1, state: 'running', cpuMs: measured(1500) },
    ]);
  });

  test('leave a record of their end that a reload of systemd does not forget', async () => {
    const files = createMemoryFiles();
    const started: string[] = [];
    const units = createSystemdUnits(files, {
      run: async command => {
        started.push(command);
        return { exitCode: 0, stdout: '', stderr: '' };
      },
    });
    await units.start({ ...SPEC, command: ['/bin/true'] });
    const dropIn = await files.read(
      '/run/systemd/system/pilotage-pilot-.service.d/50-record-exit.conf',
      4096,
    );
    const [, script = ''] = /^ExecStopPost=\+\/bin\/sh -c '(.*)'$/m.exec(dropIn ?? '') ?? [];
    expect(script).toContain('record=/run/pilotage-exits/$${unit#pilotage-pilot-}');
    expect(started).toEqual(['systemd-run']);

    // As systemd would run it, in a folder of the test's.
    const folder = mkdtempSync(join(tmpdir(), 'pilotage-exits-'));
    const asRun = script
      .replace('%N', 'pilotage-pilot-00-3')
      .replace('/run/pilotage-exits', folder)
      .replaceAll('$$', '$');
    const env = { SERVICE_RESULT: 'signal', EXIT_CODE: 'killed', EXIT_STATUS: 'TERM' };
    execFileSync('/bin/sh', ['-c', asRun], { env });
    expect(readFileSync(join(folder, '00-3'), 'utf8')).toBe('signal killed TERM\n');
    rmSync(folder, { recursive: true });
  });

  test('whose processor time cannot be read are running all the same', async () => {
    expect(await sight({ 'pilotage-pilot-00-1.service': '' }, {})).toMatchObject([
      { state: 'running', cpuMs: FAILED },
    ]);
  });
});

describe('readings', () => {
  test('of the load average', () => {
    expect(parseLoad('0.31 0.20 0.10 1/200 4711\n')).toEqual(measured(0.31));
    for (const text of ['', 'nonsense', '-1 0 0 1/1 1']) expect(parseLoad(text)).toEqual(FAILED);
  });

  test('of a process, whatever its name is', () => {
    const stat = '42 (a) b) (c) S 1 42 40 0 -1 4194304 100 0 0 0 7 3 2 1 20 0 1 0 9000 1000 10';
    expect(parseStat(stat)).toEqual({ pid: 42, session: 40, parent: 1, threads: 1, cpuMs: 130 });
    expect(parseStat('')).toBeUndefined();
    expect(parseStat(stat.replace(' S ', ' Z '))).toBeUndefined();
  });

  test('of what runs in a unit tell its own process from its leader and from what it began', () => {
    const leader = { pid: 10, parent: 1 };
    const pilot = { pid: 11, parent: 10 };
    const daemon = { pid: 12, parent: 11 };
    expect(mainOf([daemon, leader, pilot])).toEqual([pilot]);
    expect(mainOf([leader, pilot])).toEqual([pilot]);
    expect(mainOf([leader])).toEqual([leader]);
    expect(mainOf([])).toEqual([]);
  });

  test('of processor use lie between two looks; new and failed ones are no zero', () => {
    const unit = (generation: number, ms: number) => ({
      slot: '00',
      generation,
      state: 'running' as const,
      cpuMs: measured(ms),
    });
    const before = sampleCpu([unit(1, 1000)], 0);
    const now = sampleCpu([unit(1, 6000), unit(2, 50), { ...unit(3, 0), cpuMs: FAILED }], 10_000);
    expect([...cpuCoresByUnit(before, now).values()]).toEqual([measured(0.5), NO_DATA, FAILED]);
  });

  test('add up only if all are known', () => {
    expect(sumReadings([])).toEqual(measured(0));
    expect(sumReadings([measured(1), measured(2)])).toEqual(measured(3));
    expect(sumReadings([measured(1), NO_DATA, FAILED])).toEqual(NO_DATA);
  });
});
