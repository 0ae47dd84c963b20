import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, existsSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { RECEIVER_PROGRAM, runReceiver, setUpCli } from '../../support/receiver-cli.ts';
import { createTestFolder } from '../../support/receiver-under-test.ts';

describe('the operator’s commands', () => {
  it('list and show VMs, as tables and as JSON', async () => {
    const { receiver, cli } = await setUpCli();
    expect((await cli('vms')).stdout).toBe('no VM has enrolled yet\n');
    const one = await receiver.enrol('wn1');
    const two = await receiver.enrol('wn2');
    await one.beat({
      reason: 'evil \u001b[31mred',
      verdicts: [{ policy: 'lifetime', action: 'none', because: 'young' }],
    });
    await two.beat({
      state: 'draining',
      pilots: [{ slot: 's1', generation: 2, state: 'running', cores: 8 }],
      readings: { diskFreeShare: 0.25, squid: 'failed', ofTomorrow: 7 },
      readingAgesMs: { squid: 90_000 },
    });

    const list = (await cli('vms')).stdout.split('\n');
    expect(list[0]).toMatch(
      /^VM +INSTANCE +HOST +STATE +LOAD +PILOTS +PAYLOADS +UPTIME +HEARD +REASON$/,
    );
    expect(list.find(line => line.startsWith(one.vmId))).toMatch(
      / i-wn1 +wn1 +running +0\.50 +0 +\? +1m +0ms ago +evil \uFFFD\[31mred$/,
    );
    const draining = JSON.parse((await cli('vms', '--state', 'draining', '--json')).stdout);
    expect(draining).toMatchObject([{ vmId: two.vmId, pilotsRunning: 1 }]);
    expect((await cli('vms', '--state', 'failed')).stdout).toBe('no VM is failed\n');

    const shown = (await cli('show', 'i-wn2')).stdout;
    expect(shown).toMatch(/^host +wn2$/m);
    expect(shown).toMatch(/^s1 +2 +running +8 /m);
    expect(shown).toMatch(/^disk free +25 % +0ms ago$/m);
    expect(shown).toMatch(/^a squid serves +failed +1m 30s ago$/m);
    expect(shown).toMatch(/^ofTomorrow +7 +0ms ago$/m);
    expect((await cli('show', 'wn1')).stdout).toMatch(/^lifetime +none +young$/m);
    expect(JSON.parse((await cli('show', 'wn1', '--json')).stdout)).toMatchObject({
      vmId: one.vmId,
      directives: [],
    });
  });

  it('order drains, undrains and halts', async () => {
    const { receiver, cli } = await setUpCli();
    const vm = await receiver.enrol('wn1');
    const said = await cli('drain', 'wn1', '--deadline', '1h30m', '--reason', 'maintenance');
    expect(said.stdout).toMatch(/^drain .*wn1.*It will be told with its next heartbeat\.\n$/);
    await cli('undrain', 'wn1');
    await cli('halt', 'wn1');
    expect(JSON.parse((await cli('halt', 'wn1', '--now', '--json')).stdout)).toMatchObject({
      vmId: vm.vmId,
    });
    const { directives } = await vm.beat({ state: 'halted' });
    expect(directives).toMatchObject([
      { kind: 'drain', deadlineMs: 5_400_000, reason: 'maintenance' },
      { kind: 'undrain' },
      { kind: 'halt', mode: 'graceful' },
      { kind: 'halt', mode: 'now' },
    ]);
    expect((await cli('halt', 'wn1')).stdout).toContain(
      'It has halted, so nothing will come of this.',
    );
    expect((await cli('show', 'wn1')).stdout).toMatch(/^drain +sent +.*maintenance$/m);
  });

  it('print logs, and say what is missing', async () => {
    const { receiver, cli } = await setUpCli();
    const vm = await receiver.enrol('wn1');
    expect((await cli('logs', 'wn1')).stdout).toBe('this VM has sent no logs yet\n');
    await vm.beat({
      logs: [
        { source: 'agent', fromByte: 0, text: 'one\ntwo\n' },
        { source: 'agent', fromByte: 20, text: 'later\u001b[2J\n' },
      ],
    });
    expect((await cli('logs', 'wn1')).stdout).toMatch(/^agent +30 +2026-01-01T00:00:00\.000Z$/m);
    const { stdout, stderr } = await cli('logs', 'wn1', 'agent');
    expect(stdout).toBe('one\ntwo\nlater\uFFFD[2J\n');
    expect(stderr).toBe('[12 bytes are not here]\n');
    expect((await cli('logs', 'wn1', '--source', 's9')).stderr).toContain('there are: agent');
    expect((await cli('logs', 'wn1', '--follow')).exitCode).toBe(64);
  });

  it('follow a log as it comes in, also before there is any of it', async () => {
    const { receiver, folder } = await setUpCli();
    const vm = await receiver.enrol('wn1');
    const child = spawn(
      process.execPath,
      [
        RECEIVER_PROGRAM,
        'logs',
        'wn1',
        'agent',
        '-f',
        `--url=${receiver.address}`,
        `--token-file=${join(folder, 'token')}`,
      ],
      { stdio: ['ignore', 'pipe', 'pipe'] },
    );
    onTestFinished(() => void child.kill('SIGKILL'));
    const [waiting] = await once(child.stderr, 'data');
    expect(String(waiting)).toBe('[waiting for agent]\n');
    // The agent counts its own log from the time of its start, so that no count is used twice.
    const fromByte = 1_767_225_600_000_000;
    await vm.beat({ logs: [{ source: 'agent', fromByte, text: 'one\n' }] });
    let said = '';
    for await (const piece of child.stdout) {
      said += String(piece);
      if (said === 'one\n')
        await vm.beat({ logs: [{ source: 'agent', fromByte: fromByte + 4, text: 'two\n' }] });
      if (said === 'one\ntwo\n') break;
    }
    expect(said).toBe('one\ntwo\n');
  });
});

describe('mistakes', () => {
  it.each([
    [['vmz'], 64, 'Did you mean vms?'],
    [['vms', '--colour'], 64, 'colour'],
    [[], 64, 'which command? see --help'],
    [['drain'], 64, 'which VMs? name them'],
    [['end-pilot', 'wn1'], 64, 'pilot'],
    [['pace', 'wn1', '--every', 'often'], 64, '--every often: give a duration such as 90s'],
    [['credential'], 64, 'put, list or remove a credential?'],
    [['credential', 'putt'], 64, 'Did you mean put?'],
    [['credential', 'put', 'a'], 64, 'file'],
    [['drain', 'wn1', '--deadline', '30'], 64, '--deadline 30: give a duration such as 90s'],
    [['vms', '--url', 'receiver'], 64, 'give http://HOST:PORT'],
    [['vms', '--url', 'http://receiver.example'], 64, 'use https://'],
    [['show', 'nobody'], 1, 'no VM has an id, instance id or hostname that begins with "nobody"'],
    [['vms', '--token-file', '/nowhere'], 1, 'the token file /nowhere is missing'],
    [['vms', '--url', 'http://127.0.0.1:1'], 1, 'no answer from http://127.0.0.1:1'],
    [['serve', '--database', 'x'], 64, 'enrolment-secret-file'],
  ])('%j ends with %i and says "%s"', async (args, exitCode, message) => {
    const { cli } = await setUpCli();
    const result = await cli(...args);
    expect(result.stderr).toContain(message);
    expect(result.stderr).not.toMatch(/^\s+at /m);
    expect(result).toMatchObject({ exitCode, stdout: '' });
  });

  it('tell a wrong token from none, with a remedy', async () => {
    const { cli, folder, receiver } = await setUpCli();
    const wrong = join(folder, 'wrong');
    writeFileSync(wrong, 'not the token of an operator');
    expect((await cli('vms', '--token-file', wrong)).stderr).toContain(
      'give --token-file the file that the receiver was started with',
    );
    expect((await runReceiver(['vms', '--url', receiver.address])).stderr).toContain(
      'PILOTAGE_TOKEN_FILE',
    );
  });
});

describe('serve', () => {
  const files = (folder: string) =>
    ['database', 'enrolment-secret-file', 'operator-token-file', 'credential-key-file'].map(
      name => `--${name}=${join(folder, name)}`,
    );
  const serve = (folder: string, ...args: string[]) =>
    runReceiver(['serve', '--listen=127.0.0.1:0', ...files(folder), ...args]);

  it('makes secrets only when told to, for their owner alone', async () => {
    const folder = createTestFolder();
    const refused = await serve(folder);
    expect(refused).toMatchObject({
      exitCode: 1,
      stderr: expect.stringContaining('or say --init'),
    });
    const child = spawn(
      process.execPath,
      [RECEIVER_PROGRAM, 'serve', '--init', '--listen=127.0.0.1:0', ...files(folder)],
      { stdio: ['ignore', 'pipe', 'inherit'] },
    );
    onTestFinished(() => void child.kill('SIGKILL'));
    let said = '';
    for await (const piece of child.stdout) {
      said += String(piece);
      if (said.includes('"listening"')) break;
    }
    const secrets = ['enrolment-secret-file', 'operator-token-file', 'credential-key-file'];
    for (const name of [...secrets, 'database'])
      expect(statSync(join(folder, name)).mode & 0o777).toBe(0o600);
    for (const name of secrets) {
      const secret = readFileSync(join(folder, name), 'utf8').trim();
      expect(secret).toMatch(/^[\w-]{43}$/);
      expect(said).not.toContain(secret);
    }
  });

  it('refuses what cannot end well', async () => {
    const folder = createTestFolder();
    const secret = join(folder, 'enrolment-secret-file');
    writeFileSync(join(folder, 'operator-token-file'), 'a-token-long-enough', { mode: 0o600 });
    writeFileSync(secret, 'short');
    expect((await serve(folder)).stderr).toContain('fewer than 16 characters');
    writeFileSync(secret, 'a-secret-long-enough');
    writeFileSync(join(folder, 'credential-key-file'), 'a-password-of-somebody', { mode: 0o600 });
    expect((await serve(folder)).stderr).toContain('holds no key of 256 bits in base64url');
    rmSync(join(folder, 'credential-key-file'));
    expect((await serve(folder)).stderr).toContain('credential-key-file is missing');
    writeFileSync(join(folder, 'credential-key-file'), 'A'.repeat(43), { mode: 0o600 });
    chmodSync(secret, 0o644);
    expect((await serve(folder, '--pace=5m', '--stall-after=1m')).stderr).toContain(
      '--stall-after must be longer',
    );
    expect((await serve(folder, '--pace=0s')).stderr).toContain('--pace must be at least 1s');
    expect((await serve(folder, '--listen=8443')).stderr).toContain('give HOST:PORT');
    expect(existsSync(join(folder, 'database'))).toBe(false);
    const beyond = await runReceiver(['serve', '--listen=0.0.0.0:0', ...files(folder)]);
    expect(beyond).toMatchObject({
      exitCode: 64,
      stderr: expect.stringContaining('--allow-plain-http'),
    });
    expect(beyond.stdout).toContain('others may read this secret');
  });
});

describe('help', () => {
  it('comes with examples, and the version with the protocol', { timeout: 120_000 }, async () => {
    const credential = ['put', 'list', 'remove'].map(command => ['credential', command]);
    const orders = ['drain', 'undrain', 'halt', 'end-pilot', 'signal', 'collect-logs', 'pace'];
    const others = [
      'serve',
      'vms',
      'show',
      ...orders,
      'rediscover',
      'reload',
      'directives',
      'logs',
      ...['deletions', 'delete', 'deleted'],
    ];
    const commands = [...others.map(name => [name]), ...credential];
    const helped = commands.map(command => runReceiver([...command, '--help']));
    for (const { stdout, exitCode } of await Promise.all(helped)) {
      expect(exitCode).toBe(0);
      expect(stdout).toContain('Examples:');
    }
    expect((await runReceiver(['--version'])).stdout).toMatch(
      /^pilotage-receiver \d+\.\d+\.\d+ \(protocol 1\)\n$/,
    );
    expect((await runReceiver(['completion'])).stdout).toContain('pilotage-receiver');
  });
});
