import { describe, expect, test } from 'vitest';
import { type CheckOutcome, type CheckPorts, ok } from '../../../../agent/checks/check.ts';
import { cvmfs } from '../../../../agent/checks/cvmfs.ts';
import { PilotageError } from '../../../../platform/errors.ts';
import { createManualClock } from '../../../support/manual-clock.ts';
import { createMemoryFiles } from '../../../support/memory-files.ts';
import { contextOf } from '../../../support/step-ports.ts';

const run = (ports: Partial<CheckPorts>): Promise<CheckOutcome> =>
  cvmfs.run(
    {
      context: contextOf({
        cvmfs: { repositories: ['a.cern.ch', 'b.cern.ch'], proxies: 'DIRECT' },
      }),
      slots: [],
    },
    {
      files: createMemoryFiles(),
      host: createMemoryFiles(),
      exec: { run: () => Promise.reject(new Error('nothing is to be run')) },
      clock: createManualClock(),
      http: () => expect.fail('nobody is to be asked'),
      lookup: async () => [],
      ...ports,
    },
    new AbortController().signal,
  );

describe('cvmfs', () => {
  test('fails without a client', async () => {
    expect(await run({})).toMatchObject({
      verdict: 'failed',
      reason: expect.stringContaining('install the CVMFS client'),
    });
  });

  const CONFIG = '/usr/bin/cvmfs_config';
  const machineWith = async (hasClient: boolean) => {
    const files = createMemoryFiles();
    await files.makeDirectory('/cvmfs', { mode: 0o755 });
    if (!hasClient) return files;
    await files.makeDirectory('/usr/bin', { mode: 0o755 });
    await files.write(CONFIG, '', { mode: 0o755 });
    return files;
  };
  type Answer = { exitCode?: number; stdout?: string; fails?: string };
  const answers = (by: (line: string) => Answer): CheckPorts['exec'] => ({
    run: async (command, args) => {
      const { fails, ...answer } = by([command, ...args].join(' '));
      if (fails !== undefined) throw new PilotageError('command-timeout', fails);
      return { exitCode: 0, stdout: '', stderr: '', ...answer };
    },
  });

  test.each<[string, Record<string, Answer>, string | undefined]>([
    [
      'looks, where there is no probe',
      {
        'ls -- /cvmfs/a.cern.ch/': { stdout: 'README\n' },
        'ls -- /cvmfs/b.cern.ch/': { fails: 'ls did not end within 60000 ms' },
      },
      'b.cern.ch: ls did not end within 60000 ms',
    ],
    [
      'does not take an empty mount point for a repository',
      { 'ls -- /cvmfs/a.cern.ch/': { stdout: 'README\n' }, 'ls -- /cvmfs/b.cern.ch/': {} },
      'b.cern.ch: nothing is mounted on /cvmfs/b.cern.ch',
    ],
    [
      'asks the probe',
      { [`${CONFIG} probe a.cern.ch`]: {}, [`${CONFIG} probe b.cern.ch`]: {} },
      undefined,
    ],
    [
      'tells the cause, which the probe does not',
      {
        [`${CONFIG} probe a.cern.ch`]: {},
        [`${CONFIG} probe b.cern.ch`]: {
          exitCode: 1,
          stdout: 'Probing /cvmfs/b.cern.ch... Failed!\n',
        },
        'ls -- /cvmfs/b.cern.ch/': { fails: 'Transport endpoint is not connected' },
      },
      'b.cern.ch: cvmfs_config probe says Probing /cvmfs/b.cern.ch... Failed!: Transport endpoint is not connected',
    ],
    [
      'names the repository whose probe hangs',
      {
        [`${CONFIG} probe a.cern.ch`]: {},
        [`${CONFIG} probe b.cern.ch`]: { fails: 'cvmfs_config did not end within 60000 ms' },
      },
      'b.cern.ch: cvmfs_config did not end within 60000 ms',
    ],
  ])('%s', async (_what, known, reason) => {
    const hasClient = Object.keys(known).some(line => line.startsWith(CONFIG));
    const exec = answers(line => known[line] ?? expect.fail(`was not to be run: ${line}`));
    expect(await run({ files: await machineWith(hasClient), exec })).toEqual(
      reason === undefined
        ? ok('a.cern.ch is mounted; b.cern.ch is mounted')
        : { verdict: 'failed', reason },
    );
  });
});
