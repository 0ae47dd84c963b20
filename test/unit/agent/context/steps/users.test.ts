import { describe, expect, test } from 'vitest';
import { NO_HOOKS } from '../../../../../agent/context/hook-paths.ts';
import { planContext } from '../../../../../agent/context/plan.ts';
import { createSystemUsers } from '../../../../../agent/users.ts';
import type { Exec } from '../../../../../platform/exec.ts';
import { createFolderMachine } from '../../../../support/folder-machine.ts';
import { contextOf, createStepPorts, outcomesOf } from '../../../../support/step-ports.ts';

const pilots = { kind: 'command', command: ['/bin/pilot'] };
const steps = (users: object) =>
  planContext(contextOf({ pilots, users }), {
    instanceId: 'i-1',
    cores: 2,
    memoryMb: 4000,
    hooks: NO_HOOKS,
  }).filter(({ kind }) => kind === 'pilot-users' || kind === 'scratch');

const PASSWD = 'root:x:0:0:root:/root:/bin/bash\n';
const GROUP = 'root:x:0:\nwheel:x:10:\nrender:x:105:\n';

/** A machine with these files below /etc. */
const machineWith = async (etc: Readonly<Record<string, string>> = {}) => {
  const { files } = createFolderMachine();
  await files.makeDirectory('/etc/sudoers.d', { mode: 0o750 });
  for (const [name, text] of Object.entries({ passwd: PASSWD, group: GROUP, ...etc }))
    await files.write(`/etc/${name}`, text, { mode: 0o644 });
  return files;
};

describe('users', () => {
  test('for pilots and payloads are apart, each with a folder of its own', async () => {
    const files = await machineWith();
    const context = { payloadPrefix: 'pay', groups: ['render'] };
    expect(await outcomesOf(steps(context), createStepPorts(files))).toEqual({
      'pilot-users': 'done',
      'payload-users': 'done',
      scratch: 'done',
    });
    const group = await files.read('/etc/group', 10_000);
    expect(group).toMatch(/^render:x:105:plt00,plt01,pay00,pay01$/m);
    expect(group).toMatch(/^pilots:x:\d+:$/m);
    const passwd = (await files.read('/etc/passwd', 10_000))?.split('\n') ?? [];
    const fields = new Map(passwd.map(line => [line.split(':')[0], line.split(':')]));
    expect(fields.get('plt00')?.slice(5)).toEqual(['/scratch/plt00', '/usr/sbin/nologin']);
    expect(fields.get('plt00')?.[3]).not.toBe(fields.get('pay00')?.[3]);
    for (const name of ['plt00', 'plt01', 'pay00', 'pay01'])
      expect((await files.facts(`/scratch/${name}`))?.mode).toBe(0o700);
  });

  test('leave the groups that a changed context no longer names', async () => {
    const files = await machineWith();
    const ports = createStepPorts(files);
    await outcomesOf(steps({ groups: ['render'] }), ports);
    await outcomesOf(steps({}), ports);
    expect(await files.read('/etc/group', 10_000)).toMatch(/^render:x:105:$/m);
  });

  test.each([
    ['whose number is 0', { passwd: `${PASSWD}plt01:x:0:100::/:/bin/sh\n` }, 'its number is 0'],
    ['of the group of root', { passwd: `${PASSWD}plt01:x:7:0::/:/bin/sh\n` }, 'the number 0'],
    ['who may sudo', { group: `${GROUP}sudo:x:27:me,plt01\n` }, 'in the group sudo'],
    [
      'whose own group is one of privileges',
      { passwd: `${PASSWD}plt01:x:7:10::/:/bin/sh\n` },
      'in the group wheel',
    ],
    [
      'of a group by another name for root',
      { group: `${GROUP}toor:x:0:plt01\n` },
      'its group has the number 0',
    ],
    [
      'whom sudoers names',
      { sudoers: 'root ALL=(ALL) ALL\nplt01 ALL=(ALL) NOPASSWD: ALL\n' },
      '/etc/sudoers speaks of plt01',
    ],
    [
      'whom an alias names, over two lines',
      { sudoers: 'User_Alias P = me, \\\n plt01\nP ALL = ALL\n' },
      '/etc/sudoers speaks of plt01',
    ],
    [
      'whose group sudoers names',
      { 'sudoers.d/pilots': '%pilots ALL=(ALL) ALL\n' },
      '/etc/sudoers.d/pilots speaks of %pilots',
    ],
    [
      'whose number sudoers names',
      { passwd: `${PASSWD}plt01:x:777:100::/:/bin/sh\n`, sudoers: '#777 ALL=ALL\n' },
      '/etc/sudoers speaks of #777',
    ],
    ['to whom sudoers gives all', { sudoers: 'ALL ALL=(ALL) ALL\n' }, 'speaks of ALL'],
  ])('are never one %s', async (_who, etc, reason) => {
    const files = await machineWith(etc);
    const before = await files.read('/etc/passwd', 10_000);
    await expect(outcomesOf(steps({}), createStepPorts(files))).rejects.toThrow(
      new RegExp(`the user plt0[01] would have privileges: .*${reason.replaceAll('.', '\\.')}`),
    );
    // Nothing was begun: not even the first user, who is none of these.
    expect(await files.read('/etc/passwd', 10_000)).toBe(before);
  });

  test.each([
    ['a comment', { sudoers: '# plt01 ALL=(ALL) ALL\n' }],
    ['whom another may act as', { sudoers: 'operator ALL=(plt01) /bin/kill\n' }],
    ['a default', { sudoers: 'Defaults:plt01 !lecture\n' }],
    ['what sudo does not read', { 'sudoers.d/old.bak': 'plt01 ALL=ALL\n' }],
    ['another of a like name', { sudoers: 'plt011 ALL=(ALL) ALL\n' }],
  ])('are no privileged ones by %s', async (_what, etc) => {
    const ports = createStepPorts(await machineWith(etc));
    expect(await outcomesOf(steps({}), ports)).toMatchObject({ 'pilot-users': 'done' });
  });

  test.each([
    [{ group: 'wheel' }, 'a group without privileges'],
    [{ groups: ['docker'] }, 'a group without privileges'],
    [{ groups: ['systemd-network'] }, 'a group without privileges'],
    [{ payloadGroup: 'root', payloadPrefix: 'pay' }, 'a group without privileges'],
    [{ payloadPrefix: 'plt' }, 'another prefix than that of the pilots'],
    [{ payloadPrefix: 'plt1' }, 'another prefix than that of the pilots'],
    [{ payloadPrefix: 'pay', payloadGroup: 'pilots' }, 'another group than that of the pilots'],
    [{ groups: ['a,b'] }, 'a group name of the system'],
    [{ prefix: '-x' }, 'up to 12 lower-case letters'],
  ])('are never told as %j', (users, message) => {
    expect(() => contextOf({ users })).toThrow(message);
  });
});

describe("the system's programs", () => {
  const run = async (etc: Readonly<Record<string, string>>, groups: readonly string[]) => {
    const commands: string[] = [];
    const exec: Exec = {
      run: async (command, args) => {
        commands.push([command, ...args].join(' '));
        return { exitCode: 0, stdout: '', stderr: '' };
      },
    };
    const users = createSystemUsers(await machineWith(etc), exec);
    await users.ensureUser({ name: 'plt00', group: 'pilots', home: '/scratch/plt00', groups });
    return commands;
  };
  const group = `${GROUP}pilots:x:990:\nvideo:x:44:plt00\n`;

  test('make a user without home, password and shell', async () => {
    expect(await run({ group: `${GROUP}pilots:x:990:\n` }, ['render'])).toEqual([
      'useradd --gid pilots --home-dir /scratch/plt00 --no-create-home --shell /usr/sbin/nologin --groups render plt00',
    ]);
  });

  test('make one who exists what it should be, and only that', async () => {
    const passwd = `${PASSWD}plt00:x:991:100::/scratch/plt00:/bin/bash\n`;
    expect(await run({ passwd, group, shadow: 'plt00:$y$hash:1:::::\n' }, ['render'])).toEqual([
      'usermod --gid pilots --shell /usr/sbin/nologin --lock --groups render plt00',
    ]);
  });

  test('leave one alone who is right', async () => {
    const passwd = `${PASSWD}plt00:x:991:990::/scratch/plt00:/usr/sbin/nologin\n`;
    expect(await run({ passwd, group, shadow: 'plt00:!:1:::::\n' }, ['video'])).toEqual([]);
  });
});
