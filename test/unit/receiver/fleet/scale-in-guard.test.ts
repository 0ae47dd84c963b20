import { describe, expect, it } from 'vitest';
import { afterGuardHook, type ScaleInGuard } from '../../../../receiver/fleet/scale-in-guard.ts';

const NOW = 1_000_000;
const wanting = (wanted: boolean): ScaleInGuard => ({ wanted, dueMs: 0, attempts: 0, said: '' });
const onceAsked = (
  guard: ScaleInGuard,
  asked: boolean,
  outcome: 'done' | 'asked' | 'later' | 'gave-up' | 'not-found',
) => afterGuardHook(guard, asked, { outcome, said: outcome }, NOW, 0.5);

describe('a guard after its hook', () => {
  it.each(['done', 'asked'] as const)('%s: it is set', outcome => {
    expect(onceAsked(wanting(true), true, outcome)).toEqual({
      ...{ wanted: true, isSet: true, attempts: 0, said: outcome },
    });
  });

  it('is changed again at once if the VM wants something else by now', () => {
    expect(onceAsked(wanting(false), true, 'done')).toMatchObject({ isSet: true, dueMs: NOW });
  });

  it('is tried again, at ten minutes at most', () => {
    let guard = wanting(true);
    const waits = [];
    for (let n = 0; n < 7; n += 1) {
      guard = onceAsked(guard, true, 'later');
      waits.push(((guard.dueMs ?? 0) - NOW) / 1000);
    }
    expect(waits).toEqual([30, 60, 120, 240, 480, 600, 600]);
  });

  it.each(['gave-up', 'not-found'] as const)('%s: nobody is asked any more', outcome => {
    const guard = onceAsked(wanting(true), true, outcome);
    expect(guard).toMatchObject({ hasGivenUp: true });
    expect(guard.dueMs).toBeUndefined();
  });
});
