import { expect, test } from 'vitest';
import type { PilotReport } from '../../../../protocol/heartbeat.ts';
import { countActivities, countStarted } from '../../../../receiver/fleet/count-pilots.ts';

const pilot = (more: Partial<PilotReport>): PilotReport => ({
  ...{ slot: '00', generation: 1, state: 'running', cores: 1 },
  ...more,
});

test('slots are counted by what their pilots do, in the order of a life', () => {
  const pilots = (['idle', 'busy', 'waiting', 'busy', undefined] as const).map(activity =>
    pilot(activity === undefined ? {} : { activity }),
  );
  expect(Object.entries(countActivities(pilots))).toEqual([
    ['waiting', 1],
    ['idle', 1],
    ['busy', 2],
  ]);
  expect(countActivities([])).toEqual({});
});

test.each([
  [[], null],
  [[{}], null],
  [[{ payloadsStarted: 0 }], 0],
  [[{}, { payloadsStarted: 3 }, { payloadsStarted: 4 }], 7],
])('of %j %s payloads are known to have been started', (pilots, started) => {
  expect(countStarted(pilots.map(pilot))).toBe(started);
});
