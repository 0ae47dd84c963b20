import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { SYSTEM_ENV } from '../../../platform/exec.ts';
import { pollUntil } from '../../support/poll-until.ts';
import { RECEIVER_PROGRAM, runReceiver } from '../../support/receiver-cli.ts';
import { createBed } from './agent-bed.ts';

/** A pilot with a child, that counts into a file of its home. */
const PILOT = {
  kind: 'command',
  slots: 'whole-node',
  command: [
    '/bin/sh',
    '-c',
    'cd; echo hello; sleep 987654 & i=0; while :; do i=$((i+1)); echo "line $i" >>count; sleep 0.2; done',
  ],
};

const setUp = async (context: object) => {
  const { receiver, start } = await createBed();
  const vm = await start({ pilots: PILOT, ...context });
  await vm.untilRunning(1);
  const env = { PILOTAGE_RECEIVER_URL: receiver.url, PILOTAGE_TOKEN_FILE: receiver.tokenFile };
  const id = (await receiver.vms())[0]?.vmId ?? '';
  const cli = (...args: string[]) => runReceiver(args, env);
  const peek = (...args: string[]) => cli('peek', id, ...args);
  return { vm, env, id, cli, peek };
};

const ALL = { peek: { allow: ['ps', 'top', 'ls', 'tail', 'stack'] } };
const seen = (stdout: string, stderr = expect.any(String)) => ({ exitCode: 0, stdout, stderr });

describe('looking at a pilot', () => {
  test('shows its processes and its files, and who looked stays known', async () => {
    const { vm, id, cli, peek } = await setUp(ALL);
    const ps = await peek('00', 'ps');
    expect(ps).toEqual(seen(expect.stringMatching(/^PID +PPID +USER +S +THREADS/)));
    const commands = ps.stdout.trim().split('\n').slice(1);
    expect(commands.some(line => line.endsWith('   sleep 987654'))).toBe(true);
    expect(commands.join('\n')).not.toContain('agent/main.ts');

    expect((await peek('00', 'top')).stdout).toMatch(
      /^\d+ processes, \d+\.\d\d cores, .* resident/,
    );
    expect((await peek('00', 'tail')).stdout).toBe('hello\n');
    expect((await peek('00-1', 'tail', 'count', '--lines', '2')).stdout).toMatch(
      /^line \d+\nline \d+\n$/,
    );
    expect((await peek('00', 'ls')).stdout).toMatch(/^f +\d+ +\S+ +\d+ +\S+ \S+ +count$/m);
    const stack = await peek('00', 'stack');
    expect(stack.stdout).toMatch(/^\d+ \(sleep\) S: sleep 987654\n {2}thread \d+ \(sleep\) S/m);

    const home = join(vm.root, 'scratch/plt00');
    mkdirSync(home, { recursive: true });
    symlinkSync('/etc/passwd', join(home, 'out'));
    writeFileSync(join(vm.root, 'var/lib/secret'), 'canary-secret');
    for (const [path, why] of [
      ['out', 'not the pilot'],
      ['/etc/passwd', 'not the pilot'],
      [join(vm.root, 'var/lib/secret'), 'not the pilot'],
      ['../../var/lib/secret', 'not the pilot'],
      ['./--help', 'is not there'],
      ['.', 'not a regular file'],
    ] as const) {
      const answer = await peek('00', 'tail', path);
      expect([path, answer]).toEqual([
        path,
        { exitCode: 1, stdout: '', stderr: expect.stringContaining(why) },
      ]);
    }
    expect((await peek('07', 'ps')).stderr).toContain('no pilot runs in slot 07');
    expect((await peek('00-9', 'ps')).stderr).toContain('00-9 has ended; 00-1 runs there');

    const audit = JSON.parse((await cli('peeks', id, '--json')).stdout);
    expect(audit.at(-1)).toMatchObject({
      thing: 'ps',
      unit: '00-1',
      status: 'done',
      by: expect.stringMatching(/^\S+@\S+ at 127\.0\.0\.1$/),
    });
    expect(audit.filter((each: { status: string }) => each.status === 'refused')).toHaveLength(8);
    expect((await cli('peeks')).stdout).toMatch(/^ASKED +VM +PILOT/);
    expect(vm.log()).toMatch(
      /"thing":"ps","pilot":"00","by":"[^"]+ at 127.0.0.1","outcome":"done"/,
    );
  });

  test('is refused where the context does not let it', async () => {
    const { vm, peek } = await setUp({ peek: { allow: ['ps'] } });
    expect((await peek('00', 'ps')).exitCode).toBe(0);
    const refused = await peek('00', 'tail');
    expect(refused).toMatchObject({ exitCode: 1, stdout: '' });
    expect(refused.stderr).toContain('the context of this VM lets only ps be looked at');
    expect(vm.log()).toMatch(/"thing":"tail".*"outcome":"refused"/);
  });

  test('is off without a word of the context', async () => {
    const { peek } = await setUp({});
    const refused = await peek('00', 'ps');
    expect(refused.stderr).toContain('the context of this VM lets nothing be looked at');
  });

  test('follows a file as it grows', async () => {
    const { id, env } = await setUp(ALL);
    const child = spawn(
      process.execPath,
      [RECEIVER_PROGRAM, 'peek', id, '00', 'tail', 'count', '-n', '1', '--follow'],
      { env: { ...SYSTEM_ENV, ...env }, stdio: ['ignore', 'pipe', 'inherit'] },
    );
    onTestFinished(() => void child.kill('SIGKILL'));
    let text = '';
    child.stdout.setEncoding('utf8').on('data', piece => {
      text += piece;
    });
    await pollUntil('thirty lines', { timeoutMs: 30_000, everyMs: 100 }, () =>
      text.split('\n').length > 30 ? true : undefined,
    );
    child.kill('SIGINT');
    await once(child, 'exit');
    const numbers = [...text.matchAll(/^line (\d+)$/gm)].map(([, number]) => Number(number));
    const first = numbers[0] ?? 0;
    expect(numbers).toEqual(numbers.map((_, index) => first + index));
  });
});
