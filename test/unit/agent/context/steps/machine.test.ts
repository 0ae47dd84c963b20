import { describe, expect, test } from 'vitest';
import { undoOthers } from '../../../../../agent/context/apply.ts';
import { NO_HOOKS } from '../../../../../agent/context/hook-paths.ts';
import { type Layout, readLayout } from '../../../../../agent/context/layout.ts';
import { planContext } from '../../../../../agent/context/plan.ts';
import type { Step } from '../../../../../agent/context/step.ts';
import { createLog } from '../../../../../platform/log.ts';
import { createFolderMachine } from '../../../../support/folder-machine.ts';
import { createMemorySystem } from '../../../../support/memory-system.ts';
import { contextOf, createStepPorts, filesOf, outcomesOf } from '../../../../support/step-ports.ts';

const IDS = { instanceId: 'i-1', bootId: 'b-1' };
const plan = (context: object, layout: Layout = { hasCloudInit: false }): Step[] =>
  planContext(contextOf(context), {
    instanceId: 'i-1',
    cores: 1,
    memoryMb: 1000,
    hooks: NO_HOOKS,
    layout,
  }).filter(({ kind }) => kind !== 'machine-features');
/** A machine with a few files of its own. */
const machineWith = async (contents: Readonly<Record<string, string>>) => {
  const { files } = createFolderMachine();
  for (const [path, content] of Object.entries(contents)) {
    await files.makeDirectory(path.slice(0, path.lastIndexOf('/')) || '/', { mode: 0o755 });
    await files.write(path, content, { mode: 0o644 });
  }
  return files;
};

describe('the host name', () => {
  const before = { '/etc/hostname': 'localhost\n', '/etc/hosts': '127.0.0.1 localhost\n' };

  test('is set for now and the next boot, with an address, and all of it is taken back', async () => {
    const files = await machineWith(before);
    const system = createMemorySystem({ 'kernel.hostname': 'ip-10-0-0-7' });
    const ports = createStepPorts(files, { system });
    const steps = plan({ hostname: 'n7.example.org' }, { hasCloudInit: true });
    expect(await outcomesOf(steps, ports)).toEqual({ hostname: 'done' });
    expect(system.settings).toEqual({ 'kernel.hostname': 'n7.example.org' });
    expect(await filesOf(files)).toMatchObject({
      '/etc/hostname': 'n7.example.org\n',
      '/etc/hosts':
        '127.0.0.1 localhost\n# pilotage hostname: begin\n127.0.1.1 n7.example.org n7\n# pilotage hostname: end\n',
      '/etc/cloud/cloud.cfg.d/99-pilotage-hostname.cfg': expect.stringContaining(
        'preserve_hostname: true\n',
      ),
    });
    expect(await outcomesOf(steps, ports)).toEqual({ hostname: 'spared' });
    await undoOthers([], IDS, ports);
    expect(await filesOf(files)).toEqual(before);
    expect(system.settings).toEqual({ 'kernel.hostname': 'ip-10-0-0-7' });
  });

  test('is set again where a DHCP client has changed it', async () => {
    const system = createMemorySystem({ 'kernel.hostname': 'a' });
    const ports = createStepPorts(await machineWith(before), { system });
    await outcomesOf(plan({ hostname: 'b' }), ports);
    system.settings['kernel.hostname'] = 'c';
    expect(await outcomesOf(plan({ hostname: 'b' }), ports)).toEqual({ hostname: 'done' });
    expect(system.settings).toEqual({ 'kernel.hostname': 'b' });
  });

  test('a changed one keeps what was there before the first', async () => {
    const system = createMemorySystem({ 'kernel.hostname': 'a' });
    const ports = createStepPorts(await machineWith(before), { system });
    await outcomesOf(plan({ hostname: 'b' }), ports);
    await outcomesOf(plan({ hostname: 'c' }), ports);
    await undoOthers([], IDS, ports);
    expect(system.settings).toEqual({ 'kernel.hostname': 'a' });
  });

  test.each(['-a', 'a..b', 'a_b', 'a b', `${'a'.repeat(64)}`, '', 'a;reboot'])(
    'is never %j',
    name => {
      expect(() => contextOf({ hostname: name })).toThrow('a host name');
    },
  );
});

describe('kernel settings', () => {
  const forContainers = { kernel: { unprivilegedContainers: true } };

  test('for containers are set as far as this kernel knows them', async () => {
    const system = createMemorySystem({
      'user.max_user_namespaces': '0',
      'kernel.apparmor_restrict_unprivileged_userns': '1',
    });
    const files = await machineWith({});
    const ports = createStepPorts(files, { system });
    expect(await outcomesOf(plan(forContainers), ports)).toEqual({ kernel: 'done' });
    expect(system.settings).toEqual({
      'user.max_user_namespaces': '65536',
      'kernel.apparmor_restrict_unprivileged_userns': '0',
    });
    expect(await filesOf(files)).toEqual({
      '/etc/sysctl.d/90-pilotage.conf': [
        '# Written by pilotage-agent from the context.',
        '-user.max_user_namespaces = 65536',
        '-kernel.unprivileged_userns_clone = 1',
        '-kernel.apparmor_restrict_unprivileged_userns = 0',
        '',
      ].join('\n'),
      '/etc/modules-load.d/pilotage.conf': '# Written by pilotage-agent from the context.\nfuse\n',
    });
    expect(await outcomesOf(plan(forContainers), ports)).toEqual({ kernel: 'spared' });
  });

  test('that are named outrank ours and must exist', async () => {
    const steps = plan({
      kernel: { unprivilegedContainers: true, sysctl: { 'user.max_user_namespaces': 7 } },
    });
    expect(steps[0]).toMatchObject({
      settings: [
        { key: 'kernel.unprivileged_userns_clone', isOptional: true },
        { key: 'kernel.apparmor_restrict_unprivileged_userns', isOptional: true },
        { key: 'user.max_user_namespaces', value: '7', isOptional: false },
      ],
    });
    const ports = createStepPorts(await machineWith({}), { system: createMemorySystem({}) });
    await expect(outcomesOf(steps, ports)).rejects.toThrow(
      'this kernel has no setting user.max_user_namespaces',
    );
  });

  test('that a changed context drops get their former values back; so do all in the end', async () => {
    const system = createMemorySystem({ 'vm.swappiness': '60', 'vm.dirty_ratio': '20' });
    const ports = createStepPorts(await machineWith({}), { system });
    await outcomesOf(
      plan({ kernel: { sysctl: { 'vm.swappiness': 1, 'vm.dirty_ratio': 5 } } }),
      ports,
    );
    await outcomesOf(plan({ kernel: { sysctl: { 'vm.dirty_ratio': 6 } } }), ports);
    expect(system.settings).toEqual({ 'vm.swappiness': '60', 'vm.dirty_ratio': '6' });
    await undoOthers([], IDS, ports);
    expect(system.settings).toEqual({ 'vm.swappiness': '60', 'vm.dirty_ratio': '20' });
  });

  test('are just a file where a folder stands for the machine', async () => {
    const files = await machineWith({});
    await outcomesOf(plan({ kernel: { sysctl: { 'vm.swappiness': 1 } } }), createStepPorts(files));
    expect(Object.keys(await filesOf(files))).toEqual(['/etc/sysctl.d/90-pilotage.conf']);
  });

  test.each([
    ['vm', '1'],
    ['vm..x', '1'],
    ['../etc/passwd', '1'],
    ['kernel.hostname', 'x'],
    ['kernel.core_pattern', '|/tmp/x'],
    ['vm.x', 'a\nb'],
    ['vm.x', "'"],
    ['vm.x', 0.5],
    ['vm.x', true],
  ])('are never %j: %j', (key, value) => {
    expect(() => contextOf({ kernel: { sysctl: { [key]: value } } })).toThrow();
  });
});

describe('the clock', () => {
  const servers = ['ntp1.example.org', '169.254.169.123'];
  const CHRONY = 'pool 2.debian.pool.ntp.org iburst\n';

  test.each([
    [
      'a folder of sources',
      {
        '/etc/chrony/chrony.conf': `${CHRONY}sourcedir /run/chrony-dhcp\nsourcedir /etc/chrony/sources.d\n`,
      },
      '/etc/chrony/sources.d/pilotage.sources',
      '# Written by pilotage-agent from the context.\nserver ntp1.example.org iburst\nserver 169.254.169.123 iburst\n',
      'restart chrony',
    ],
    [
      'lines in its own file',
      { '/etc/chrony.conf': `${CHRONY}sourcedir /run/chrony-dhcp\n` },
      '/etc/chrony.conf',
      `${CHRONY}sourcedir /run/chrony-dhcp\n# pilotage time-servers: begin\nserver ntp1.example.org iburst\nserver 169.254.169.123 iburst\n# pilotage time-servers: end\n`,
      'restart chronyd',
    ],
    [
      'a drop-in of timesyncd',
      { '/usr/lib/systemd/systemd-timesyncd': '' },
      '/etc/systemd/timesyncd.conf.d/50-pilotage.conf',
      '# Written by pilotage-agent from the context.\n[Time]\nNTP=ntp1.example.org 169.254.169.123\n',
      'restart systemd-timesyncd',
    ],
  ])('is set by servers through %s', async (_how, contents, path, content, restart) => {
    const files = await machineWith(contents);
    const system = createMemorySystem({}, { clockInStep: [false, false, true] });
    const ports = createStepPorts(files, { system });
    const steps = plan({ time: { servers, wait: '0s' } }, await readLayout(files));
    await outcomesOf(steps, ports);
    expect(await files.read(path, 10_000)).toBe(content);
    expect(system.done).toEqual([restart]);
    expect(await outcomesOf(steps, ports)).toEqual({ 'time-servers': 'spared' });
    await undoOthers([], IDS, ports);
    expect(await filesOf(files)).toEqual(contents);
    expect(system.done).toEqual([restart, restart]);
  });

  test('that follows nobody in time is told, and is no failure', async () => {
    const said: string[] = [];
    const files = await machineWith({ '/etc/chrony.conf': '' });
    const ports = createStepPorts(files, {
      system: createMemorySystem({}, { clockInStep: [false] }),
      log: createLog('warn', line => void said.push(line)),
    });
    const steps = plan({ time: { servers, wait: '0s' } }, await readLayout(files));
    expect(await outcomesOf(steps, ports)).toEqual({ 'time-servers': 'done' });
    expect(said.join('')).toContain('the clock follows no time server yet');
  });

  test('of an image with nothing to set it fails with a remedy', async () => {
    const ports = createStepPorts(await machineWith({}));
    await expect(outcomesOf(plan({ time: { servers } }), ports)).rejects.toThrow(
      'neither chrony nor systemd-timesyncd is on this machine',
    );
  });

  test('shows the time of a zone, and of the former one after all', async () => {
    const files = await machineWith({
      '/usr/share/zoneinfo/Europe/Zurich': 'TZif',
      '/etc/x': '',
    });
    await files.makeLink('/etc/localtime', '/usr/share/zoneinfo/Etc/UTC');
    const ports = createStepPorts(files);
    const steps = plan({ time: { zone: 'Europe/Zurich' } });
    await outcomesOf(steps, ports);
    expect(await files.readLink('/etc/localtime')).toBe('../usr/share/zoneinfo/Europe/Zurich');
    expect(await outcomesOf(steps, ports)).toEqual({ 'time-zone': 'spared' });
    await undoOthers([], IDS, ports);
    expect(await files.readLink('/etc/localtime')).toBe('/usr/share/zoneinfo/Etc/UTC');
  });

  test('of a zone that the machine does not know fails', async () => {
    const ports = createStepPorts(await machineWith({ '/usr/share/zoneinfo/UTC': 'TZif' }));
    await expect(outcomesOf(plan({ time: { zone: 'Europe/Atlantis' } }), ports)).rejects.toThrow(
      'this machine knows no time zone Europe/Atlantis',
    );
  });

  test.each(['../../etc/shadow', '/etc/passwd', 'a b', ''])('is in no zone %j', zone => {
    expect(() => contextOf({ time: { zone } })).toThrow('a time zone');
  });
});
