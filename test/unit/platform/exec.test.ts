import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { createExec, type ExecOptions } from '../../../platform/exec.ts';

const exec = createExec();
const sh = (script: string, options: Partial<ExecOptions> = {}) =>
  exec.run('sh', ['-c', script], { timeoutMs: 8000, ...options });

/** True for a process that exists and is no zombie. */
const isAlive = (pid: number): boolean => {
  try {
    return !/^State:\s+[ZX]/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
  } catch {
    return false;
  }
};

/** What a failed run says of itself. */
const failureOf = async (run: Promise<unknown>): Promise<Record<string, unknown>> => {
  const error = await run.then(
    () => new Error('did not fail'),
    (failure: unknown) => failure,
  );
  return error as Record<string, unknown>;
};

const pidsIn = ({ context }: Record<string, unknown>): number[] =>
  String((context as { stdout: string }).stdout)
    .trim()
    .split(/\s+/)
    .map(Number);

describe('a program that ends', () => {
  test('gives its output apart', async () => {
    expect(await sh('echo out; echo err >&2')).toEqual({
      exitCode: 0,
      stdout: 'out\n',
      stderr: 'err\n',
    });
  });

  test('fails by its exit code, with the end of what it said', async () => {
    await expect(sh('echo "no such thing" >&2; exit 3')).rejects.toMatchObject({
      code: 'command-failed',
      message: 'sh ended with exit code 3: no such thing',
      context: { command: 'sh', exitCode: 3 },
    });
  });

  test('may end otherwise if that is allowed', async () => {
    expect((await sh('exit 3', { allowedExitCodes: [0, 3] })).exitCode).toBe(3);
    await expect(sh('exit 0', { allowedExitCodes: [3] })).rejects.toMatchObject({
      code: 'command-failed',
    });
  });

  test('fails by the signal that ended it', async () => {
    await expect(sh('kill -TERM $$')).rejects.toMatchObject({
      message: 'sh was ended by SIGTERM',
      context: { exitCode: 128 },
    });
  });

  test('keeps the end of a long output', async () => {
    const { stdout } = await sh('head -c 300000 /dev/zero | tr "\\0" x; echo; echo end', {
      maxOutputBytes: 1000,
    });
    expect(stdout).toHaveLength(1000);
    expect(stdout.endsWith('x\nend\n')).toBe(true);
  });

  test('is heard to the end though a daemon keeps its pipes', async () => {
    const { stdout } = await sh('setsid sleep 60 & echo $!');
    const pid = Number(stdout);
    expect(isAlive(pid)).toBe(true);
    process.kill(pid, 'SIGKILL');
  });
});

describe('input and environment', () => {
  test('input goes in and is closed', async () => {
    expect((await exec.run('cat', [], { timeoutMs: 5000, input: 'héllo' })).stdout).toBe('héllo');
    expect((await exec.run('cat', [], { timeoutMs: 5000 })).stdout).toBe('');
  });

  test('a program need not read its input', async () => {
    expect((await sh('exec <&-; echo ok', { input: 'x'.repeat(1 << 20) })).stdout).toBe('ok\n');
  });

  test('arguments are not read by a shell', async () => {
    const args = ['$(id)', '; id', '*'];
    expect((await exec.run('echo', args, { timeoutMs: 5000 })).stdout).toBe('$(id) ; id *\n');
  });

  test('nothing of our environment is handed on', async () => {
    process.env.PILOTAGE_TEST_SECRET = 'x';
    expect((await sh('env')).stdout).not.toContain('PILOTAGE_TEST_SECRET');
    expect((await sh('echo $A', { env: { PATH: '/usr/bin:/bin', A: 'b' } })).stdout).toBe('b\n');
  });
});

describe('a program that cannot run', () => {
  test('is missing', async () => {
    const failure = await failureOf(exec.run('no-such-program', [], { timeoutMs: 5000 }));
    expect(failure).toMatchObject({
      code: 'command-failed',
      message: 'cannot start no-such-program',
      cause: { code: 'ENOENT' },
    });
  });

  test('is no program', async () => {
    const failure = await failureOf(exec.run(import.meta.filename, [], { timeoutMs: 5000 }));
    expect(failure).toMatchObject({ code: 'command-failed', cause: { code: 'EACCES' } });
  });
});

describe('a program that does not end', () => {
  test('is killed with its children', async () => {
    const failure = await failureOf(
      sh('trap "" TERM; sleep 60 & echo $$ $!; wait', { timeoutMs: 300 }),
    );
    expect(failure).toMatchObject({
      code: 'command-timeout',
      message: 'sh did not end within 300 ms',
    });
    const pids = pidsIn(failure);
    expect(pids).toHaveLength(2);
    expect(pids.filter(isAlive)).toEqual([]);
  });

  test('is not waited for though a grandchild left its group and keeps the pipes', async () => {
    const failure = await failureOf(sh('setsid sleep 60 & echo $!; wait', { timeoutMs: 300 }));
    expect(failure).toMatchObject({ code: 'command-timeout' });
    for (const pid of pidsIn(failure)) process.kill(pid, 'SIGKILL');
  });

  test('is stopped by the signal', async () => {
    const controller = new AbortController();
    const run = failureOf(sh('echo $$; exec sleep 60', { signal: controller.signal }));
    controller.abort();
    expect(await run).toMatchObject({ code: 'command-failed' });
  });

  test('is stopped by a signal that came before', async () => {
    expect(await failureOf(sh('exec sleep 60', { signal: AbortSignal.abort() }))).toMatchObject({
      code: 'command-failed',
      message: 'sh was ended by SIGKILL',
    });
  });
});
