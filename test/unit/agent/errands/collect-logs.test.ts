import { describe, expect, test } from 'vitest';
import { type CollectPorts, collectLogs } from '../../../../agent/errands/collect-logs.ts';
import { PATHS } from '../../../../agent/paths.ts';
import { createLogRing } from '../../../../agent/uplink/log-ring.ts';
import { PilotageError } from '../../../../platform/errors.ts';
import { createManualClock } from '../../../support/manual-clock.ts';
import { createMemoryFiles } from '../../../support/memory-files.ts';

const setUp = async (also: Partial<CollectPorts> = {}) => {
  const files = createMemoryFiles();
  await files.makeDirectory(PATHS.logs, { mode: 0o700 });
  for (const name of ['00-1.out', '00-2.out', '00-2.err', '01-7.out', 'agent.20200101T000000Z'])
    await files.write(`${PATHS.logs}/${name}`, 'x', { mode: 0o600 });
  const ring = createLogRing();
  ring.add('{"msg":"agent started"}\n');
  const wanted: string[] = [];
  const ports: CollectPorts = {
    ...{ files, ring, kind: 'plain', clock: createManualClock() },
    exec: { run: () => Promise.reject(new PilotageError('command-failed', 'no journal')) },
    uplink: {
      wantLogs: async ({ slot, generation }) => {
        const names = (await files.list(PATHS.logs)).filter(name =>
          name.startsWith(`${slot}-${generation}.`),
        );
        wanted.push(...names);
        return names;
      },
      wantNamed: async names => void wanted.push(...names),
    },
    ...also,
  };
  const collect = (of?: string) =>
    collectLogs(ports, { id: 'a', by: 'ada', kind: 'collect-logs', of });
  return { files, wanted, collect };
};
const OWN = 'agent.20260101T000000Z';

describe('collected are', () => {
  test.each<[string | undefined, string[]]>([
    [undefined, [OWN, '00-2.err', '00-2.out', '01-7.out']],
    ['agent', [OWN]],
    ['00', ['00-2.err', '00-2.out']],
    ['00-1', ['00-1.out']],
  ])('of %s: %j', async (of, names) => {
    const { collect, wanted } = await setUp();
    expect(await collect(of)).toEqual({
      outcome: 'done',
      detail: `on their way: ${names.join(', ')}`,
    });
    expect(wanted).toEqual(names);
  });

  test.each(['05', '00-9'])('of %s: nothing, which is told', async of => {
    const { collect } = await setUp();
    expect(await collect(of)).toEqual({
      outcome: 'refused',
      detail: `there are no logs of ${of}`,
    });
  });

  test('none where nobody takes them', async () => {
    const { collect } = await setUp({ uplink: undefined });
    expect(await collect()).toMatchObject({ outcome: 'refused' });
  });
});

describe('the agent’s own log', () => {
  const readOwn = async (also: Partial<CollectPorts>) => {
    const { files, collect } = await setUp(also);
    await collect('agent');
    expect((await files.list(PATHS.logs)).filter(name => name.startsWith('agent'))).toEqual([OWN]);
    return files.read(`${PATHS.logs}/${OWN}`, 1000);
  };

  test('is the journal’s under systemd, bounded', async () => {
    let bound = 0;
    const text = await readOwn({
      kind: 'systemd',
      exec: {
        run: async (program, _args, { maxOutputBytes = 0 }) => {
          bound = maxOutputBytes;
          return { exitCode: 0, stdout: `${program} says\n`, stderr: '' };
        },
      },
    });
    expect([text, bound]).toEqual(['journalctl says\n', 2 * 1024 * 1024]);
  });

  test.each(['systemd', 'plain'] as const)(
    'is what the agent remembers without one (%s)',
    async kind => {
      expect(await readOwn({ kind })).toBe('{"msg":"agent started"}\n');
    },
  );
});
