import { expect, test } from 'vitest';
import { parseSlots } from '../../../../../agent/pilot/kinds/htcondor-tools.ts';
import { measured } from '../../../../../agent/reading.ts';

test('a startd tells which jobs it runs, by their ids', () => {
  const lines = [
    'Partitionable Unclaimed Idle 0 7 undefined undefined',
    'Dynamic Claimed Busy 1 7 undefined 1234.0',
    'Dynamic Claimed Retiring 1 7 undefined 1235.17',
    'Dynamic Claimed Idle 1 7 undefined 1236.0',
    'Dynamic Claimed Busy 1 7 undefined error',
  ];
  const answer = parseSlots(lines.join('\n'));
  expect(answer).toMatchObject({ payloads: measured(3), jobs: ['1234.0', '1235.17'] });
  expect(parseSlots(lines[0] ?? '').jobs).toEqual([]);
});
