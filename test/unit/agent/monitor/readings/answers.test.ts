import { dirname } from 'node:path';
import { describe, expect, test } from 'vitest';
import { createReadAnswers } from '../../../../../agent/monitor/readings/answers.ts';
import { htcondorKind } from '../../../../../agent/pilot/kinds/htcondor.ts';
import type { UnitSighting } from '../../../../../agent/pilot/unit/unit.ts';
import { FAILED, measured, NO_DATA } from '../../../../../agent/reading.ts';
import { PilotageError } from '../../../../../platform/errors.ts';
import { createLog } from '../../../../../platform/log.ts';
import { createManualClock } from '../../../../support/manual-clock.ts';
import { createMemoryFiles } from '../../../../support/memory-files.ts';
import { runOf } from '../../pilot/kinds/runs.ts';
import { at } from '../worlds.ts';

const RUN = runOf('htcondor', { collectors: ['cm.example.org'], token: 'pool', askEvery: '15s' });
const RUNNING: UnitSighting = { ...RUN.unit, state: 'running', cpuMs: measured(0) };
const BUSY = 'Partitionable Unclaimed Idle 3 1 false\nDynamic Claimed Busy 1 0 false\n';

const setUp = async (isReady = true) => {
  const files = createMemoryFiles();
  const { file } = htcondorKind.question(RUN);
  await files.makeDirectory(dirname(file), { mode: 0o755 });
  if (isReady) await files.write(file, '<10.0.0.2:9618>\n', { mode: 0o644 });
  const lines: string[] = [];
  const clock = createManualClock();
  const log = createLog('debug', line => void lines.push(line));
  let answer: () => Promise<string> = async () => BUSY;
  let asked = 0;
  const hands = {
    ...{ prepare: async () => undefined, follow: async () => undefined },
    tell: async () => undefined,
    ask: () => {
      asked += 1;
      return answer();
    },
  };
  const read = createReadAnswers({ files, clock, log }, hands, async () => RUN);
  const look = async (ms: number, sightings: UnitSighting[] = [RUNNING]) => {
    const found = await read(sightings, at(ms), {
      ...{ context: RUN.context, slots: [RUN.slot], hardEnd: at(1e9) },
    });
    await clock.advance(0);
    return found.get('00-1');
  };
  const answers = (next: typeof answer) => {
    answer = next;
  };
  return { look, answers, lines, asked: () => asked };
};
const hang = () => new Promise<string>(() => undefined);
const fail = () => Promise.reject(new PilotageError('command-failed', 'no startd'));

describe('a pilot that a program is asked about', () => {
  test('is not asked before it is ready, nor is anything known of it', async () => {
    const { look, asked } = await setUp(false);
    expect(await look(0)).toEqual({ ready: false, payloads: NO_DATA });
    expect(asked()).toBe(0);
  });

  test('is asked beside the looks at its pace', async () => {
    const { look, asked } = await setUp();
    expect(await look(0)).toMatchObject({ payloads: NO_DATA });
    expect(await look(10_000)).toMatchObject({ payloads: measured(1), payloadsStarted: 1 });
    expect(asked()).toBe(1);
    await look(15_000);
    expect(asked()).toBe(2);
  });

  test.each([
    ['fails', fail],
    ['hangs', hang],
  ])('keeps its last answer for a while where asking %s', async (_what, answer) => {
    const { look, answers } = await setUp();
    await look(0);
    answers(answer);
    for (const ms of [15_000, 30_000, 60_000])
      expect(await look(ms)).toMatchObject({ payloads: measured(1) });
    expect(await look(60_001)).toMatchObject({ payloads: FAILED, payloadsStarted: 1 });
  });

  test('that hangs is never asked twice at once', async () => {
    const { look, answers, asked } = await setUp();
    answers(hang);
    for (let ms = 0; ms < 60_000; ms += 5000) await look(ms);
    expect(asked()).toBe(1);
  });

  test('that cannot join is told of once for each reason', async () => {
    const { look, answers, lines } = await setUp();
    const denied =
      'Partitionable Unclaimed Idle 4 0 false\nrefused cm.example.org: not authorized\n';
    answers(async () => denied);
    for (let ms = 0; ms < 60_000; ms += 5000) await look(ms);
    expect(lines.filter(line => line.includes('cannot join'))).toHaveLength(1);
  });

  test('is forgotten with its unit', async () => {
    const { look, asked } = await setUp();
    await look(0);
    expect(await look(1000, [])).toBeUndefined();
    expect(await look(2000)).toMatchObject({ payloads: NO_DATA });
    expect(asked()).toBe(2);
  });
});
