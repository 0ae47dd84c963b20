import { expect, test } from 'vitest';
import { endedRuns } from '../../../../agent/monitor/ended-runs.ts';
import type { SlotState } from '../../../../agent/pilot/slot-state.ts';

const since = { bootId: 'b', monotonicMs: 1, wallMs: 1 };
const run = { generation: 3, since, failures: 1 };
const running: SlotState = { state: 'running', ...run };

test.each<[string, SlotState, SlotState, boolean]>([
  ['it goes on', running, running, false],
  [
    'it did its work',
    running,
    { state: 'waiting', ...run, failures: 0, outcome: 'work-done' },
    false,
  ],
  ['it found nothing to do', running, { state: 'waiting', ...run, failures: 0 }, false],
  [
    'it was told to end',
    { state: 'stopping', ...run, killed: false },
    { state: 'waiting', ...run },
    false,
  ],
  [
    'it had to be killed',
    { state: 'stopping', ...run, killed: true },
    { state: 'waiting', ...run },
    true,
  ],
  ['it failed', running, { state: 'waiting', ...run, failures: 2, outcome: 'transient' }, true],
  ['it gave the slot up', running, { state: 'gave-up', ...run, failures: 1 }, true],
  [
    'it went down with its machine',
    running,
    { state: 'waiting', ...run, since: { ...since, bootId: 'c' } },
    true,
  ],
  [
    'it failed and the next one is there already',
    running,
    { state: 'starting', ...run, generation: 4, failures: 2 },
    true,
  ],
  ['nothing ran', { state: 'waiting', ...run }, { state: 'gave-up', ...run }, false],
])('the end is bad, or not, where %s', (_what, before, after, isBad) => {
  expect(
    endedRuns({ '00': before }, { '00': after }).flatMap(({ unit, isBad }) =>
      isBad ? [unit] : [],
    ),
  ).toEqual(isBad ? [{ slot: '00', generation: 3 }] : []);
});
