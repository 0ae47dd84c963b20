import fc from 'fast-check';
import { expect, test } from 'vitest';
import { activityOf, type VmCourse } from '../../../../agent/pilot/activity.ts';
import type { Answer } from '../../../../agent/pilot/answer.ts';
import type { SlotState } from '../../../../agent/pilot/slot-state.ts';
import { FAILED, measured, NO_DATA } from '../../../../agent/reading.ts';
import { PILOT_ACTIVITIES, type PilotActivity } from '../../../../protocol/words.ts';
import { at, RUNNING, T0 } from './slot-looks.ts';

const AT_WORK: VmCourse = { isEnding: false, isHeld: false };
const ENDING: VmCourse = { isEnding: true, isHeld: false };
const HELD: VmCourse = { isEnding: false, isHeld: true };
const seen = { generation: 1, since: T0, failures: 0 };
const STARTING: SlotState = { ...seen, state: 'starting' };
const TOLD: SlotState = { ...seen, state: 'running', told: 'drain' };
const STOPPING: SlotState = { ...seen, state: 'stopping', killed: false };
const WAITING: SlotState = { ...seen, state: 'waiting', notBefore: at(10_000) };
const ENDED: SlotState = { ...seen, state: 'ended' };
const GAVE_UP: SlotState = { ...seen, state: 'gave-up' };
const IDLE: Answer = { ready: true, payloads: measured(0) };
const BUSY: Answer = { ready: true, payloads: measured(2) };

test.each<[PilotActivity, SlotState, Answer | undefined, VmCourse]>([
  ['waiting', WAITING, undefined, AT_WORK],
  ['held', WAITING, undefined, HELD],
  ['ended', WAITING, undefined, ENDING],
  ['ended', WAITING, undefined, { isEnding: true, isHeld: true }],
  ['starting', STARTING, undefined, AT_WORK],
  ['starting', STARTING, undefined, ENDING],
  ['ready', RUNNING, undefined, AT_WORK],
  ['ready', RUNNING, { payloads: NO_DATA }, AT_WORK],
  ['ready', RUNNING, { ready: true, payloads: FAILED }, AT_WORK],
  ['joining', RUNNING, { ready: false, payloads: NO_DATA }, AT_WORK],
  ['joining', RUNNING, { ...IDLE, joined: false }, AT_WORK],
  ['idle', RUNNING, { ...IDLE, joined: true }, AT_WORK],
  ['idle', RUNNING, IDLE, AT_WORK],
  ['idle', RUNNING, IDLE, HELD],
  ['busy', RUNNING, BUSY, AT_WORK],
  ['busy', RUNNING, BUSY, HELD],
  ['draining', RUNNING, BUSY, ENDING],
  ['draining', RUNNING, undefined, ENDING],
  ['draining', RUNNING, { ...BUSY, draining: true }, AT_WORK],
  ['draining', TOLD, BUSY, AT_WORK],
  ['ending', STOPPING, BUSY, AT_WORK],
  ['ending', STOPPING, undefined, ENDING],
  ['ended', ENDED, undefined, AT_WORK],
  ['ended', ENDED, undefined, HELD],
  ['failed', GAVE_UP, undefined, AT_WORK],
  ['failed', GAVE_UP, undefined, HELD],
])('%s: %o with %o in %o', (activity, slot, answer, course) => {
  expect(activityOf(slot, answer, course)).toBe(activity);
});

test('a pilot is busy only if it says so, and every slot has a word', () => {
  const reading = fc.oneof(
    fc.constantFrom(NO_DATA, FAILED),
    fc.nat({ max: 64 }).map(value => measured(value)),
  );
  fc.assert(
    fc.property(
      fc.constantFrom(STARTING, RUNNING, TOLD, STOPPING, WAITING, ENDED, GAVE_UP),
      fc.option(fc.record({ ready: fc.boolean(), payloads: reading }), { nil: undefined }),
      fc.record({ isEnding: fc.boolean(), isHeld: fc.boolean() }),
      (slot, answer, course) => {
        const activity = activityOf(slot, answer, course);
        expect(PILOT_ACTIVITIES).toContain(activity);
        if (activity === 'busy') expect(answer?.payloads).toMatchObject({ ok: true });
        if (activity === 'idle') expect(answer?.payloads).toEqual(measured(0));
      },
    ),
  );
});
