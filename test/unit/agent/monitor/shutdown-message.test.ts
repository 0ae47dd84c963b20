import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { shutdownMessageOf } from '../../../../agent/monitor/shutdown-message.ts';
import type { Ending, MonitorState } from '../../../../agent/monitor/state.ts';
import { Outcome } from '../../../../agent/pilot/outcome.ts';
import type { SlotState } from '../../../../agent/pilot/slot-state.ts';
import { T0 } from './worlds.ts';

type Slots = Record<string, SlotState>;

const seen = { generation: 1, since: T0, failures: 0 };
/** Slots by a word each: `state outcome`. */
const slotsOf = (...words: string[]): Slots =>
  Object.fromEntries(
    words.map((word, index) => {
      const [state, outcome] = word.split(' ');
      const known = outcome === undefined ? {} : { outcome: outcome as Outcome };
      const killed = state === 'stopping' ? { killed: false } : {};
      return [`0${index}`, { ...seen, state, ...known, ...killed } as SlotState];
    }),
  );
const halt = (by: string, reason = 'because'): Ending => ({
  ...{ kind: 'halt', since: T0, mode: 'graceful', by, reason },
});
const numberOf = (state: Pick<MonitorState, 'ending' | 'hold' | 'slots'>): number =>
  Number(shutdownMessageOf(state).slice(0, 3));
const HOLD = { since: T0, reason: 'the node is not fit' };

describe('what a VM came to', () => {
  test.each<[number, string, string[]]>([
    // Somebody asked for it, whatever the pilots were at.
    [100, 'receiver', ['waiting transient']],
    [100, 'operator', []],
    // Its time was over.
    [200, 'lifetime', ['waiting', 'waiting']],
    [200, 'lifetime', ['waiting transient', 'waiting']],
    [700, 'lifetime', ['waiting transient', 'waiting transient']],
    [200, 'lifetime', ['stopping transient']],
    // Nothing ran on it.
    [300, 'no-payloads', ['waiting nothing-to-do']],
    [300, 'no-payloads', ['waiting']],
    [300, 'zero-load', ['waiting nothing-to-do', 'waiting transient']],
    [700, 'zero-load', ['waiting transient']],
    [600, 'zero-load', ['waiting transient', 'waiting site-problem']],
    [400, 'zero-load', ['gave-up banned', 'waiting transient']],
    // Whoever runs it wants no more of its work, or does not hear of it.
    [300, 'downtime', ['waiting work-done']],
    [300, 'budget', []],
    [300, 'campaign-end', ['waiting']],
    [600, 'lost-receiver', ['waiting work-done']],
    // All its pilots have ended.
    [200, 'pilots-ended', ['ended work-done', 'ended nothing-to-do']],
    [200, 'pilots-ended', ['ended no-restart']],
    [300, 'pilots-ended', ['ended nothing-to-do']],
    [400, 'pilots-gave-up', ['gave-up banned', 'gave-up banned']],
    // It was held.
    [500, 'hold', []],
    [500, 'hold', ['waiting']],
    [500, 'hold', ['gave-up bad-node', 'gave-up banned', 'gave-up transient']],
    [400, 'hold', ['gave-up banned', 'gave-up site-problem']],
    [600, 'hold', ['gave-up site-problem', 'gave-up transient']],
    [700, 'hold', ['gave-up transient', 'ended no-restart']],
  ])('%i: ended by %s with %j', (vac, by, words) => {
    const slots = slotsOf(...words);
    expect(numberOf({ ending: halt(by), slots, ...(by === 'hold' ? { hold: HOLD } : {}) })).toBe(
      vac,
    );
  });

  test('a held VM whose time is over could not work, whoever ended it', () => {
    expect(numberOf({ ending: halt('lifetime'), hold: HOLD, slots: slotsOf('waiting') })).toBe(500);
  });

  test('is told with the reason, as one line', () => {
    expect(
      shutdownMessageOf({
        ending: halt('no-payloads', 'no payload\nfor 20m of 20m'),
        slots: slotsOf('waiting'),
      }),
    ).toBe('300 no more work: no-payloads: no payload for 20m of 20m');
    expect(shutdownMessageOf({ ending: halt('receiver', ''), slots: {} })).toBe(
      '100 asked to shut down: receiver',
    );
  });

  test('is always one line of bounded length with a number that Vac knows', () => {
    const slot = fc
      .tuple(
        fc.constantFrom('waiting', 'running', 'stopping', 'ended', 'gave-up'),
        fc.constantFrom('', ...Outcome.options),
      )
      .map(words => words.join(' ').trim());
    const by = fc.constantFrom('receiver', 'lifetime', 'hold', 'zero-load', 'pilots-ended', 'else');
    fc.assert(
      fc.property(fc.array(slot), by, fc.string({ unit: 'binary' }), (words, by, reason) => {
        const message = shutdownMessageOf({ ending: halt(by, reason), slots: slotsOf(...words) });
        expect(message).toMatch(/^[1-7]00 [^\n\r\p{Cc}]{1,300}$/u);
      }),
    );
  });
});
