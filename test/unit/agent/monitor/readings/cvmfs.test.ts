import { describe, expect, test } from 'vitest';
import { createCvmfsReading } from '../../../../../agent/monitor/readings/cvmfs.ts';
import { MOST_MS, parseCounters } from '../../../../../agent/monitor/readings/cvmfs-repository.ts';
import { createReadDear } from '../../../../../agent/monitor/readings/dear.ts';
import { FAILED, measured, NO_DATA } from '../../../../../agent/reading.ts';
import { PilotageError } from '../../../../../platform/errors.ts';
import type { Exec } from '../../../../../platform/exec.ts';
import { createLog } from '../../../../../platform/log.ts';
import { createManualClock } from '../../../../support/manual-clock.ts';
import { createMemoryFiles } from '../../../../support/memory-files.ts';
import { contextOf, minutes, T0 } from '../worlds.ts';

describe('what a repository says of itself', () => {
  test.each<[string, ReturnType<typeof parseCounters>]>([
    ['', undefined],
    ['0 nioerr\n0 rx\n', measured({ ioErrors: 0, receivedBytes: 0 })],
    ['12 nioerr\n86016 rx\n', measured({ ioErrors: 12, receivedBytes: 86_016 * 1024 })],
    ...['12 nioerr\n', ' nioerr\n rx\n', '-1 nioerr\n3 rx\n', '1 rx\n1 nioerr\n', 'x'].map(
      (text): [string, typeof FAILED] => [text, FAILED],
    ),
  ])('%j', (text, said) => {
    expect(parseCounters(text)).toEqual(said);
  });
});

/** What each repository answers when it is asked next; an error where it does not. */
type Answers = Record<string, string | Error>;
const DEAD = new PilotageError('command-failed', 'Transport endpoint is not connected');

const setUp = (repositories: string[], isLeft = () => false, hangMs?: number) => {
  const clock = createManualClock(T0.wallMs, T0.monotonicMs);
  const lines: string[] = [];
  const log = createLog('debug', line => void lines.push(line));
  const answers: Answers = {};
  let asked: string[] = [];
  const exec: Exec = {
    run: async (_program, args) => {
      const path = args.at(-1) ?? '';
      const name = path.replace('/cvmfs/', '');
      asked.push(name);
      if (hangMs !== undefined) {
        await clock.sleep(hangMs);
        throw new PilotageError('command-timeout', 'it did not end', { pid: 4711 });
      }
      const answer = answers[name] ?? '';
      if (typeof answer !== 'string') throw answer;
      return { exitCode: 0, stdout: answer, stderr: '' };
    },
  };
  const reading = createCvmfsReading({ exec, files: createMemoryFiles(), clock, log }, isLeft);
  const read = createReadDear({ clock, log }, [reading]);
  const context = contextOf({ cvmfs: { repositories, proxies: 'DIRECT' } });
  /** Asks them, some time after the last. */
  const round = async (more: Answers, ms = minutes(2)) => {
    Object.assign(answers, more);
    asked = [];
    await clock.advance(ms);
    const look = () => read({ ...T0, monotonicMs: clock.monotonicMs() }, { context, slots: [] });
    look();
    await clock.advance(0);
    const { agesMs: _, ...readings } = look();
    return readings;
  };
  return { round, lines, asked: () => asked };
};

describe('CVMFS', () => {
  test('tells what its counters have moved by between two times that it was asked', async () => {
    const { round } = setUp(['a.cern.ch', 'b.cern.ch']);
    expect(
      await round({ 'a.cern.ch': '5 nioerr\n100 rx\n', 'b.cern.ch': '0 nioerr\n0 rx\n' }),
    ).toEqual({ cvmfs: measured(1), cvmfsErrors: NO_DATA, cvmfsBytesPerS: NO_DATA });
    const moved = { 'a.cern.ch': '6 nioerr\n220 rx\n', 'b.cern.ch': '2 nioerr\n0 rx\n' };
    expect(await round(moved)).toEqual({
      ...{ cvmfs: measured(1), cvmfsErrors: measured(3), cvmfsBytesPerS: measured(1024) },
    });
    expect(await round({})).toEqual({
      ...{ cvmfs: measured(1), cvmfsErrors: measured(0), cvmfsBytesPerS: measured(0) },
    });
  });

  test('counts from nothing what was mounted anew', async () => {
    const { round } = setUp(['a.cern.ch']);
    await round({ 'a.cern.ch': '5 nioerr\n1000 rx\n' });
    expect(await round({ 'a.cern.ch': '1 nioerr\n120 rx\n' })).toMatchObject({
      ...{ cvmfsErrors: measured(1), cvmfsBytesPerS: measured(1024) },
    });
  });

  test('answers only if all of it does, which is told once', async () => {
    const { round, lines } = setUp(['a.cern.ch', 'b.cern.ch']);
    await round({ 'a.cern.ch': '0 nioerr\n0 rx\n', 'b.cern.ch': '0 nioerr\n0 rx\n' });
    for (let count = 0; count < 3; count += 1)
      expect(await round({ 'b.cern.ch': DEAD })).toMatchObject({ cvmfs: measured(0) });
    expect(lines).toHaveLength(1);
    expect(lines[0]).toContain('b.cern.ch');
    expect(await round({ 'b.cern.ch': '0 nioerr\n0 rx\n' })).toMatchObject({ cvmfs: measured(1) });
    expect(lines[1]).toContain('answers again');
  });

  test('without attributes still answers, and has no counters', async () => {
    const { round } = setUp(['a.cern.ch']);
    expect(await round({ 'a.cern.ch': '' })).toEqual({ cvmfs: measured(1) });
  });

  test('whose counters are not understood still answers, and has no zeros', async () => {
    const { round } = setUp(['a.cern.ch', 'b.cern.ch']);
    await round({ 'a.cern.ch': '0 nioerr\n0 rx\n', 'b.cern.ch': '0 nioerr\n0 rx\n' });
    expect(await round({ 'a.cern.ch': 'rubbish' })).toEqual({
      ...{ cvmfs: measured(1), cvmfsErrors: FAILED, cvmfsBytesPerS: FAILED },
    });
  });

  test('takes no longer than its time, however many hang', async () => {
    const names = Array.from({ length: 8 }, (_, index) => `r${index}.cern.ch`);
    const { round, asked } = setUp(names, () => true, MOST_MS);
    expect(await round({}, minutes(2))).toMatchObject({ cvmfs: NO_DATA });
    expect(asked()).toHaveLength(1);
    expect(await round({}, 95_000)).toMatchObject({ cvmfs: measured(0) });
    expect(asked()).toEqual(['r1.cern.ch']);
    await round({}, minutes(1));
    expect(asked()).toEqual(['r2.cern.ch']);
  });

  test('that hangs is not looked at again while the last look still hangs', async () => {
    let isLeft = true;
    const { round, asked } = setUp(['a.cern.ch', 'b.cern.ch'], () => isLeft);
    const hung = new PilotageError('command-timeout', 'it did not end', { pid: 4711 });
    await round({ 'a.cern.ch': hung, 'b.cern.ch': '' });
    expect(await round({})).toMatchObject({ cvmfs: measured(0) });
    expect(asked()).toEqual(['b.cern.ch']);
    isLeft = false;
    expect(await round({ 'a.cern.ch': '' })).toMatchObject({ cvmfs: measured(1) });
  });

  test('of many repositories is asked for some at a time, and knows all after some rounds', async () => {
    const names = Array.from({ length: 20 }, (_, index) => `r${index}.cern.ch`);
    const { round, asked } = setUp(names);
    const seen = new Set<string>();
    for (let count = 0; count < 3; count += 1) {
      await round({});
      expect(asked().length).toBeLessThanOrEqual(8);
      for (const name of asked()) seen.add(name);
    }
    expect(seen.size).toBe(20);
    expect(await round({ 'r19.cern.ch': DEAD })).toMatchObject({ cvmfs: measured(1) });
    await round({});
    expect(await round({})).toMatchObject({ cvmfs: measured(0) });
  });
});
