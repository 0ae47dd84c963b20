import { expect, test } from 'vitest';
import { createOwnLogs } from '../../../../agent/monitor/own-logs.ts';
import { PATHS } from '../../../../agent/paths.ts';
import type { Command } from '../../../../agent/pilot/kinds/kind.ts';
import type { UnitSighting } from '../../../../agent/pilot/unit/unit.ts';
import { NO_DATA } from '../../../../agent/reading.ts';
import { createLog } from '../../../../platform/log.ts';
import { createManualClock } from '../../../support/manual-clock.ts';
import { createMemoryFiles } from '../../../support/memory-files.ts';
import { createMemorySparse } from '../../../support/memory-sparse.ts';
import { runOf } from '../pilot/kinds/runs.ts';

const RUNNING: UnitSighting = { slot: '00', generation: 1, state: 'running', cpuMs: NO_DATA };

const setUp = async (owner: { uid: number; gid: number } | undefined) => {
  const files = createMemoryFiles();
  for (const folder of [PATHS.logs, PATHS.run]) await files.makeDirectory(folder, { mode: 0o700 });
  const clock = createManualClock();
  const run = { ...runOf('htcondor', { collectors: ['c'], token: 't' }), owner };
  const asked: Command[] = [];
  const says: string[] = [];
  const logs = createOwnLogs(
    { files, sparse: createMemorySparse(files), clock, log: createLog('silent', () => undefined) },
    {
      ask: async (_run, command) => {
        asked.push(command);
        return says.shift() ?? '';
      },
    },
    async () => run,
    true,
  );
  const hardEnd = { bootId: 'b', monotonicMs: 0, wallMs: 0 };
  const look = async (sightings: UnitSighting[]) => {
    logs.look(sightings, { context: run.context, slots: [run.slot], hardEnd });
    await clock.advance(0);
  };
  const copy = () => files.read(`${PATHS.logs}/00-1.log.StartLog`, 1000);
  return { clock, asked, says, logs, look, copy };
};
const line = (from: number, text: string): string =>
  `StartLog 7 ${from} ${Buffer.from(text).toString('base64')}\n`;

test('are copied once in a while as long as their pilot runs, and once more when it has ended', async () => {
  const { clock, asked, says, look, copy } = await setUp({ uid: 1001, gid: 1000 });
  says.push(line(0, 'one\n'), line(4, 'two\n'), line(8, 'last words\n'));
  await look([RUNNING]);
  await look([RUNNING]);
  expect(asked).toHaveLength(1);
  expect(asked[0]).toMatchObject({ user: 'pilot', program: '/bin/sh' });
  await clock.advance(15_000);
  await look([RUNNING]);
  expect(asked[1]?.args).toContain('7:4');
  await clock.advance(15_000);
  await look([]);
  expect(await copy()).toBe('one\ntwo\nlast words\n');
  await clock.advance(15_000);
  await look([]);
  expect(asked).toHaveLength(3);
});

test('have their last words before a bad end is told', async () => {
  const { says, logs, look, copy } = await setUp({ uid: 1001, gid: 1000 });
  says.push(line(0, 'one\n'), line(4, 'segmentation fault\n'));
  await look([RUNNING]);
  await logs.last(RUNNING);
  expect(await copy()).toBe('one\nsegmentation fault\n');
});

test.each([undefined, { uid: 0, gid: 0 }])(
  'are not read where that would be done as root: %o',
  async owner => {
    const { asked, look } = await setUp(owner);
    await look([RUNNING]);
    expect(asked).toEqual([]);
  },
);
