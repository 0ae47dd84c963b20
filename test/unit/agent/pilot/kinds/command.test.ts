import { describe, expect, test } from 'vitest';
import { commandKind } from '../../../../../agent/pilot/kinds/command.ts';
import type { Outcome } from '../../../../../agent/pilot/outcome.ts';
import { parseExit } from '../../../../../agent/pilot/unit/unit.ts';
import { FAILED, measured, NO_DATA, type Reading } from '../../../../../agent/reading.ts';
import { runOf } from './runs.ts';

const run = runOf('command', { command: ['/bin/pilot', 'a'], environment: { A: 'b' } });
const question = commandKind.question(run);

describe('a command pilot', () => {
  test('is the program of the context, as the user of its slot', () => {
    expect(commandKind.launch(run)).toEqual({
      user: 'pilot',
      command: ['/bin/pilot', 'a'],
      environment: { A: 'b' },
      files: [],
    });
  });

  test.each<[string | undefined, Reading]>([
    [undefined, NO_DATA],
    ['', NO_DATA],
    ['idle\n', measured(0)],
    ['busy', measured(1)],
    ['busy 3\n', measured(3)],
    ['no-restart', measured(0)],
    ['300 no more work', measured(0)],
    ['bored', FAILED],
    ['busy -1', FAILED],
    ['busy\nidle', FAILED],
  ])('that says %j has payloads %j', (text, payloads) => {
    expect(question.read(text).payloads).toEqual(payloads);
  });

  test.each<[string, string, Outcome]>([
    ['success exited 0', '', 'work-done'],
    ['exit-code exited 1', '', 'transient'],
    ['exit-code exited 1', 'idle', 'transient'],
    ['exit-code exited 1', 'no-restart: the site is closed', 'no-restart'],
    ['success exited 0', 'no-restarts', 'work-done'],
    ['success exited 0', '100 asked to', 'work-done'],
    ['exit-code exited 9', '200 intended work done', 'work-done'],
    ['success exited 0', '300 no more work in the queue', 'nothing-to-do'],
    ['success exited 0', '400 banned', 'banned'],
    ['success exited 0', '500 no CVMFS', 'bad-node'],
    ['success exited 0', '600 the service is down', 'site-problem'],
    ['success exited 0', '700', 'transient'],
    ['success exited 0', '800 nonsense', 'work-done'],
  ])('that ended as %j and last said %j: %s', (exit, said, outcome) => {
    const end = { exit: parseExit(exit), ranMs: 1, last: question.read(said) };
    expect(commandKind.classify(end, run.pilots)).toBe(outcome);
  });

  test.each<[string, string, Outcome]>([
    ['exit-code exited 64', '', 'bad-node'],
    ['exit-code exited 64', 'busy', 'bad-node'],
    ['exit-code exited 64', '300 no more work', 'nothing-to-do'],
    ['success exited 0', '', 'nothing-to-do'],
    ['exit-code exited 65', '', 'transient'],
    ['signal killed 64', '', 'transient'],
  ])('whose exit codes have meanings, and that ended as %j after %j: %s', (exit, said, outcome) => {
    const { pilots } = runOf('command', {
      command: ['/bin/pilot'],
      exits: { 64: 'bad-node', 0: 'nothing-to-do' },
    });
    const end = { exit: parseExit(exit), ranMs: 1, last: question.read(said) };
    expect(commandKind.classify(end, pilots)).toBe(outcome);
  });
});
