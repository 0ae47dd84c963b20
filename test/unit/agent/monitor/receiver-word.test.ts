import { describe, expect, test } from 'vitest';
import type { Moment } from '../../../../agent/moment.ts';
import { createReceiverWord } from '../../../../agent/monitor/receiver-word.ts';
import { at, contextOf, minutes, T0 } from './worlds.ts';

const PLAN = { kind: 'budget' as const, startsInMs: minutes(60), reason: '' };

describe('what the receiver has told', () => {
  const setUp = (lease?: string) => {
    let now: Moment = T0;
    const context = contextOf({ policies: { lostReceiver: lease === undefined ? {} : { lease } } });
    const word = createReceiverWord(
      () => now,
      () => context,
    );
    return { word, goTo: (moment: Moment) => (now = moment) };
  };

  test('is nothing before it was heard', () => {
    const { word } = setUp();
    word.recall([{ kind: 'budget', from: at(0), reason: '' }]);
    expect(word.look()).toEqual({});
  });
  test('are its plans, at moments that stay the same', () => {
    const { word, goTo } = setUp();
    word.acknowledged([PLAN]);
    goTo(at(minutes(1)));
    word.acknowledged([{ ...PLAN, startsInMs: minutes(59) + 400 }]);
    expect(word.look()).toEqual({
      heardAt: at(minutes(1)),
      plans: [{ kind: 'budget', from: at(minutes(60)), reason: '' }],
    });
  });
  test('are moments that an agent before this one knew', () => {
    const { word, goTo } = setUp();
    const known = [{ kind: 'budget' as const, from: at(minutes(60)), reason: '' }];
    word.recall(known);
    goTo(at(minutes(30)));
    word.acknowledged([{ ...PLAN, startsInMs: minutes(30) + 900 }]);
    expect(word.look().plans).toEqual(known);
  });
  test('stays where an older receiver does not tell of plans', () => {
    const { word } = setUp();
    word.acknowledged([PLAN]);
    word.acknowledged(undefined);
    expect(word.look().plans).toHaveLength(1);
  });
  test.each([
    [undefined, Number.POSITIVE_INFINITY],
    ['1h', minutes(20)],
  ])('with a lease of %s heartbeats come at least every %d ms', (lease, longestMs) => {
    expect(setUp(lease).word.longestMs()).toBe(longestMs);
  });
});
