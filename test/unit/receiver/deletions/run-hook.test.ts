import { chmodSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { createExec } from '../../../../platform/exec.ts';
import { runHook } from '../../../../receiver/deletions/run-hook.ts';
import { createTestFolder } from '../../../support/receiver-under-test.ts';

const REQUEST = { env: { PILOTAGE_VM: 'vm-1' }, input: '{"event":"delete"}\n' };

const ask = (script: string, timeoutMs = 5000, signal = new AbortController().signal) => {
  const program = join(createTestFolder(), 'hook');
  writeFileSync(program, `#!/bin/sh\n${script}\n`);
  chmodSync(program, 0o755);
  const config = { program, timeoutMs, env: { PATH: '/usr/bin:/bin', OS_CLOUD: 'mine' } };
  return runHook(createExec(), config, 'delete', REQUEST, signal);
};

describe('a hook', () => {
  it.each([
    [0, 'done'],
    [10, 'asked'],
    [11, 'not-found'],
    [75, 'later'],
    [78, 'gave-up'],
  ])('that exits with %i means %s', async (code, outcome) => {
    expect(await ask(`echo first; echo last words; exit ${code}`)).toEqual({
      ...{ outcome, exitCode: code, said: 'last words', output: 'first\nlast words' },
    });
  });

  it.each([
    ['exit 1', 'ended with exit code 1'],
    ['exit 127', 'ended with exit code 127'],
    ['kill -9 $$', 'was ended by SIGKILL'],
  ])('that ends by %s is asked again later', async (script, said) => {
    const answer = await ask(`echo oh >&2; ${script}`);
    expect(answer).toMatchObject({ outcome: 'later', output: 'oh' });
    expect(answer.said).toContain(said);
  });

  it('that is not there is asked again later', async () => {
    const config = { program: '/nowhere/hook', timeoutMs: 1000, env: {} };
    const signal = new AbortController().signal;
    const answer = await runHook(createExec(), config, 'delete', REQUEST, signal);
    expect(answer).toMatchObject({ outcome: 'later', said: 'cannot start /nowhere/hook' });
  });

  it('that hangs is ended with all that it started', async () => {
    const answer = await ask('echo waiting; sleep 60 & wait', 300);
    expect(answer).toMatchObject({ outcome: 'later', output: 'waiting' });
    expect(answer.said).toContain('did not end within 300 ms');
  });

  it('gets the event, the facts, its own part of our environment, and nothing else', async () => {
    const { output } = await ask('echo "$# $1"; cat; env | sort | grep -v "^_=\\|^PWD=\\|^SHLVL="');
    expect(output.split('\n')).toEqual([
      '1 delete',
      '{"event":"delete"}',
      ...['OS_CLOUD=mine', 'PATH=/usr/bin:/bin', 'PILOTAGE_VM=vm-1'],
    ]);
  });

  it('is kept in bounds, however much it prints', async () => {
    const { output, said } = await ask(
      'yes "a long line of no use" | head -c 2000000; echo; echo end',
    );
    expect(output.length).toBeLessThanOrEqual(4096);
    expect(said).toBe('end');
  });
});
