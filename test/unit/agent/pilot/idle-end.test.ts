import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Answer } from '../../../../agent/pilot/answer.ts';
import { idleMs } from '../../../../agent/pilot/idle-clock.ts';
import { noteIdleness, standIdleClocks } from '../../../../agent/pilot/idle-end.ts';
import type { SlotState } from '../../../../agent/pilot/slot-state.ts';
import { FAILED, measured, NO_DATA } from '../../../../agent/reading.ts';
import { at, ended, look, OK, RUNNING, running } from './slot-looks.ts';

const TICK_MS = 10_000;

/** What one look finds: idle, busy, no data, a failed reading, joining, idle after another payload. */
type Look = 'I' | 'B' | '?' | '!' | 'J' | 'W';

/** The slot after looks every ten seconds; `R` is a restart of the agent, which does not look for a minute. */
const afterLooks = (looks: string, from: SlotState = RUNNING): { slot: SlotState; ms: number } => {
  let slot = from;
  let ms = 0;
  let lookedAt: number | undefined;
  let started = 0;
  for (const letter of looks) {
    if (letter === 'R') {
      const restored = JSON.parse(JSON.stringify({ slot })) as { slot: SlotState };
      const seenAt = lookedAt === undefined ? undefined : at(lookedAt);
      slot = standIdleClocks(restored, seenAt).slot ?? slot;
      lookedAt = undefined;
      ms += 60_000;
      continue;
    }
    if (letter === 'W') started += 1;
    const answers: Record<Look, Answer> = {
      I: { payloads: measured(0), payloadsStarted: started },
      W: { payloads: measured(0), payloadsStarted: started },
      B: { payloads: measured(1), payloadsStarted: started },
      '?': { payloads: NO_DATA },
      '!': { payloads: FAILED, payloadsStarted: started },
      J: { ready: false, payloads: measured(0) },
    };
    const answer = answers[letter as Look];
    slot = noteIdleness(slot, {
      answer,
      now: at(ms),
      lookedAt: lookedAt === undefined ? undefined : at(lookedAt),
    });
    lookedAt = ms;
    ms += TICK_MS;
  }
  return { slot, ms: ms - TICK_MS };
};

const idleSeconds = (looks: string): number | undefined => {
  const { slot, ms } = afterLooks(looks);
  if (slot.state !== 'running') throw new Error('it runs all the time');
  return slot.idle === undefined ? undefined : idleMs(slot.idle, at(ms)) / 1000;
};

describe('how long a pilot has been idle', () => {
  test.each([
    ['I', 0],
    ['IIII', 30],
    ['BIII', 20],
    ['IIB', undefined],
    ['IIBI', 0],
    ['??', undefined],
    ['J', undefined],
    ['IIJ', undefined],
    // What nobody knows counts as neither.
    ['III?', 20],
    ['III???I', 20],
    ['III???II', 30],
    ['III!!!I', 20],
    ['I?I?I?I', 0],
    ['II?II?II', 30],
    ['III?B', undefined],
    ['II?W', 0],
    // It had a payload that nobody saw.
    ['IIIW', 0],
    ['IIIWI', 10],
    // A restart of the agent does not begin anew, and counts nothing that nobody saw.
    ['IIIRI', 20],
    ['IIIRII', 30],
    ['IIIR?RI', 20],
    ['III?RI', 20],
    ['IIIRW', 0],
    ['IIIRB', undefined],
    ['RII', 10],
  ])('%s: %s', (looks, seconds) => {
    expect(idleSeconds(looks)).toBe(seconds);
  });

  test('is what lies between looks that found it idle, since the last sign of work', () => {
    const letters = fc.array(fc.constantFrom(...'IIIIB?!JWR'), { minLength: 1, maxLength: 60 });
    fc.assert(
      fc.property(letters, looks => {
        let total: number | undefined;
        let before = '';
        for (const letter of looks) {
          if (letter === 'B' || letter === 'J') total = undefined;
          else if (letter === 'W' || (letter === 'I' && total === undefined)) total = 0;
          else if (letter === 'I' && 'IW'.includes(before)) total = (total ?? 0) + 10;
          before = letter === 'R' ? ' ' : letter;
        }
        if (looks.at(-1) !== 'R') expect(idleSeconds(looks.join(''))).toBe(total);
      }),
      { numRuns: 1000 },
    );
  });

  test('begins anew with a boot', () => {
    const { slot } = afterLooks('IIII');
    const now = { ...at(90_000), bootId: 'b2' };
    const next = noteIdleness(slot, {
      answer: { payloads: measured(0) },
      now,
      lookedAt: undefined,
    });
    expect(next).toMatchObject({ idle: { since: now } });
  });

  test('costs no write of the state while nothing changes', () => {
    expect(afterLooks('III').slot).toEqual(afterLooks('IIIIII').slot);
    expect(afterLooks('III?').slot).toEqual(afterLooks('III????').slot);
  });
});

describe('a pilot that is idle for too long', () => {
  const policy = { idleEnd: 60_000, stop: { signal: 'QUIT', to: 'main' } } as const;
  const idle = { sightings: [running(1)], answer: { payloads: measured(0) }, policy };
  const { slot: IDLE } = afterLooks('IIIIII');

  test('is ended by the stop of its kind, and not before', () => {
    expect(look(IDLE, 59_999, idle).actions).toEqual([]);
    expect(look(IDLE, 60_000, idle)).toMatchObject({
      state: { state: 'stopping', found: 'nothing-to-do' },
      actions: [{ kind: 'signal', signal: 'QUIT', to: 'main' }],
    });
    expect(look(IDLE, 3_600_000, { ...idle, policy: { idleEnd: undefined } }).actions).toEqual([]);
  });

  describe('where its kind can be told to take no more', () => {
    const told = { ...idle, policy: { ...policy, isTold: true, hurryMs: 120_000 } };
    const busy = { ...told, answer: { payloads: measured(1) } };
    const RETIRED = look(IDLE, 60_000, told).state;

    test('is told first, and ended a minute later with no time to save its work', () => {
      expect(look(IDLE, 60_000, told)).toMatchObject({
        state: { state: 'running', told: 'retire' },
        actions: [{ kind: 'drain' }],
      });
      expect(look(RETIRED, 119_999, told)).toMatchObject({
        state: { told: 'retire' },
        actions: [],
      });
      expect(look(RETIRED, 120_000, told)).toMatchObject({
        state: { state: 'stopping', found: 'nothing-to-do' },
        actions: [{ kind: 'signal', signal: 'QUIT' }],
      });
    });

    test('keeps a payload that it got meanwhile, and takes no other', () => {
      const { state, actions } = look(RETIRED, 70_000, busy);
      expect([state, actions]).toMatchObject([{ state: 'running', told: 'retire' }, []]);
      expect(look(state, 900_000, busy).actions).toEqual([]);
      expect(look(state, 910_000, told).actions).toEqual([]);
    });

    test('has found nothing to do if it goes by itself, unless it had a payload after all', () => {
      const over = { ...told, sightings: [ended(1, OK)] };
      expect(look(RETIRED, 70_000, over).state).toMatchObject({ outcome: 'nothing-to-do' });
      const worked = look(RETIRED, 70_000, busy).state;
      expect(look(worked, 900_000, over).state).toMatchObject({ outcome: 'work-done' });
    });

    test('is hurried if its VM is in a hurry', () => {
      const late = { ...busy, wish: 'drain', leftMs: 100_000 } as const;
      expect(look(RETIRED, 70_000, late).actions).toMatchObject([{ kind: 'hurry' }]);
    });
  });

  test.each([
    ['no data', { payloads: NO_DATA }],
    ['a failed reading', { payloads: FAILED }],
    ['a payload', { payloads: measured(1) }],
    ['nothing at all', undefined],
  ])('is let be as long as the last look found %s', (_what, answer) => {
    const late = { ...idle, answer, lookedAt: at(70_000) };
    expect(look(IDLE, 80_000, late).actions).toEqual([]);
  });

  test.each(['work', 'no-new', 'drain'] as const)('is ended too where the wish is %s', wish => {
    expect(look(IDLE, 60_000, { ...idle, wish, leftMs: 9e6 }).actions).toMatchObject([
      { signal: 'QUIT' },
    ]);
  });

  test('found nothing to do, however it took its end, and rests before the next', () => {
    const stopping = look(IDLE, 60_000, idle).state;
    for (const exit of [OK, { result: 'signal', code: 'killed', status: '9' }]) {
      const { state, actions } = look(stopping, 70_000, {
        sightings: [ended(1, exit)],
        policy: { ...policy, classify: () => 'bad-node' },
      });
      expect(actions).toEqual([]);
      expect(state).toMatchObject({
        ...{ state: 'waiting', outcome: 'nothing-to-do', failures: 0, idles: 1 },
        notBefore: at(80_000),
      });
    }
  });

  test('rests longer from idle run to idle run, but not after one that had work', () => {
    const again: SlotState = { ...IDLE, idles: 3 };
    const rest = (slot: SlotState) =>
      look(look(slot, 60_000, idle).state, 70_000, { sightings: [ended(1, OK)], policy }).state;
    expect(rest(again)).toMatchObject({ idles: 4, notBefore: at(70_000 + 80_000) });
    expect(afterLooks('BIIIII', again).slot).not.toHaveProperty('idles');
    expect(afterLooks('WIIIII', again).slot).not.toHaveProperty('idles');
  });

  test('is not started again where the context wants no restart', () => {
    const stopping = look(IDLE, 60_000, idle).state;
    expect(
      look(stopping, 70_000, {
        sightings: [ended(1, OK)],
        policy: { ...policy, restart: 'on-failure' },
      }).state,
    ).toMatchObject({ state: 'ended', outcome: 'nothing-to-do' });
  });
});
