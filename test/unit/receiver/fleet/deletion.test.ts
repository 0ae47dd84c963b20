import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  afterDeleteHook,
  askDeletion,
  backOffMs,
  type Deletion,
  endDeletion,
  HOOK_OUTCOMES,
  type HookOutcome,
  openDeletion,
} from '../../../../receiver/fleet/deletion.ts';

const NOW = 1_000_000;
const answer = (outcome: HookOutcome, said = '') => ({ outcome, said });
const onceAsked = (deletion: Deletion, outcome: HookOutcome, nowMs = NOW): Deletion =>
  afterDeleteHook(deletion, answer(outcome, `it said ${outcome}`), nowMs, 0.5);

describe('a deletion', () => {
  it('begins as something to be done, after a while', () => {
    expect(openDeletion('halted', NOW, 5000)).toEqual({
      ...{ state: 'to-be-deleted', cause: 'halted', sinceMs: NOW, dueMs: NOW + 5000 },
      ...{ attempts: 0, said: '' },
    });
  });

  it.each([
    ['done', 'ended', undefined],
    ['not-found', 'ended', undefined],
    ['asked', 'deleting', 15_000],
    ['later', 'to-be-deleted', 30_000],
    ['gave-up', 'to-be-deleted', undefined],
  ] as const)('after %s it is %s, and asked again in %s ms', (outcome, state, waitMs) => {
    const deletion = onceAsked(openDeletion('halted', 0), outcome);
    expect(deletion).toMatchObject({ state, said: `it said ${outcome}` });
    expect(deletion.dueMs).toBe(waitMs === undefined ? undefined : NOW + waitMs);
    expect(deletion.hasGivenUp ?? false).toBe(outcome === 'gave-up');
  });

  it('has not ended when the cloud has only taken it on, and waits longer each time', () => {
    let deletion = openDeletion('halted', 0);
    const waits = [];
    for (let n = 0; n < 7; n += 1) {
      deletion = onceAsked(deletion, 'asked');
      waits.push((deletion.dueMs ?? 0) - NOW);
    }
    expect(waits.map(ms => ms / 1000)).toEqual([15, 30, 60, 120, 240, 300, 300]);
    expect(deletion).toMatchObject({ state: 'deleting', sinceMs: NOW });
  });

  it('fails on in the state in which it is', () => {
    const deleting = onceAsked(openDeletion('halted', 0), 'asked');
    expect(onceAsked(deleting, 'later', NOW + 1)).toMatchObject({
      state: 'deleting',
      sinceMs: NOW,
    });
  });

  it('is asked for anew by an operator, and one that has ended is not', () => {
    const gaveUp = onceAsked(onceAsked(openDeletion('lost', 0), 'later'), 'gave-up');
    expect(askDeletion(gaveUp, NOW + 7)).toEqual({
      ...{ state: 'to-be-deleted', cause: 'lost', sinceMs: 0, dueMs: NOW + 7, attempts: 0 },
      said: 'it said gave-up',
    });
    expect(askDeletion(undefined, NOW)).toEqual(openDeletion('operator', NOW));
    const ended = endDeletion(gaveUp, 'said by ada', NOW);
    expect(askDeletion(ended, NOW + 7)).toBe(ended);
  });

  it('is waited for within bounds, spread by a tenth', () => {
    const anyAttempts = fc.integer({ min: 1, max: 10_000 });
    fc.assert(
      fc.property(
        anyAttempts,
        fc.double({ min: 0, max: 0.999, noNaN: true }),
        (attempts, random) => {
          const ms = backOffMs(attempts, undefined, random);
          expect(ms).toBeGreaterThanOrEqual(27_000);
          expect(ms).toBeLessThanOrEqual(3_960_000);
        },
      ),
    );
  });

  it('is never forgotten: whatever a hook says, it has ended, has given up, or is due again', () => {
    const anyOutcomes = fc.array(fc.constantFrom(...HOOK_OUTCOMES), { minLength: 1 });
    fc.assert(
      fc.property(anyOutcomes, outcomes => {
        let deletion = openDeletion('halted', 0);
        let hasEnded = false;
        for (const outcome of outcomes) {
          deletion = onceAsked(deletion, outcome);
          hasEnded ||= outcome === 'done' || outcome === 'not-found';
          expect(deletion.state === 'ended').toBe(hasEnded);
          const isOver = hasEnded || outcome === 'gave-up';
          expect(deletion.dueMs === undefined).toBe(isOver);
        }
      }),
    );
  });
});
