import { describe, expect, test } from 'vitest';
import { createErrands, type ErrandHands } from '../../../../agent/monitor/errands.ts';
import type { Errand } from '../../../../agent/monitor/orders/errand.ts';
import type { OrderEnd } from '../../../../agent/monitor/orders/obeyed.ts';
import { PilotageError } from '../../../../platform/errors.ts';
import { createLog } from '../../../../platform/log.ts';
import { createManualClock } from '../../../support/manual-clock.ts';

const DONE: OrderEnd = { outcome: 'done', detail: 'well' };
const collect = (id: string): Errand => ({ id, by: 'ada', kind: 'collect-logs' });
const reload = (id: string): Errand => ({ id, by: 'ada', kind: 'reload-context' });
const rediscover = (id: string): Errand => ({ id, by: 'ada', kind: 'rediscover-squids' });

const setUp = (given: Partial<ErrandHands> = {}) => {
  const clock = createManualClock();
  const lines: string[] = [];
  let ended = 0;
  const never = async () => DONE;
  const hands: ErrandHands = {
    ...{ signal: never, 'collect-logs': never, 'rediscover-squids': never },
    'reload-context': never,
    ...given,
  };
  const log = createLog('info', line => void lines.push(line));
  const errands = createErrands({ clock, log }, hands, () => {
    ended += 1;
  });
  return { clock, errands, lines, ended: () => ended };
};

describe('errands', () => {
  test('are each carried out once, for as long as they are asked for, and tell how they ended', async () => {
    const done: string[] = [];
    const { clock, errands, ended, lines } = setUp({
      'collect-logs': async ({ id }) => {
        done.push(id);
        return DONE;
      },
    });
    const both = [collect('a'), collect('b')];
    errands.begin(both);
    errands.begin(both);
    await clock.advance(0);
    errands.begin(both);
    await clock.advance(0);
    expect([done, ended()]).toEqual([['a', 'b'], 2]);
    expect(errands.ends()).toEqual(['a', 'b'].map(id => ({ id, ...DONE })));
    errands.begin([collect('b')]);
    expect(errands.ends().map(({ id }) => id)).toEqual(['b']);
    expect(lines.join('')).toMatch(/"order":"a","kind":"collect-logs","by":"ada","outcome":"done"/);
  });

  test('that change the machine wait for each other, and hold up no others', async () => {
    let finish: (end: OrderEnd) => void = () => undefined;
    const begun: string[] = [];
    const { clock, errands } = setUp({
      'reload-context': ({ id }) => {
        begun.push(id);
        return new Promise(resolve => {
          finish = resolve;
        });
      },
      'rediscover-squids': async ({ id }) => {
        begun.push(id);
        return DONE;
      },
    });
    errands.begin([reload('a'), rediscover('b'), collect('c')]);
    await clock.advance(0);
    expect(begun).toEqual(['a']);
    expect(errands.ends().map(({ id }) => id)).toEqual(['c']);
    finish(DONE);
    await clock.advance(0);
    expect(begun).toEqual(['a', 'b']);
  });

  test.each([
    [
      'fails',
      () => Promise.reject(new PilotageError('step-failed', 'no such disk')),
      'no such disk',
    ],
    ['goes wrong by a mistake of ours', () => Promise.reject(new TypeError('oops')), 'oops'],
    ['never ends', () => new Promise<OrderEnd>(() => undefined), 'not done within 120 s'],
  ] as const)('one that %s is refused, and the next goes on', async (_what, hand, detail) => {
    let calls = 0;
    const { clock, errands } = setUp({
      'collect-logs': () => {
        calls += 1;
        return calls === 1 ? hand() : Promise.resolve(DONE);
      },
    });
    errands.begin([collect('a'), collect('b')]);
    await clock.advance(200_000);
    expect(errands.ends()).toEqual([
      { id: 'a', outcome: 'refused', detail },
      { id: 'b', ...DONE },
    ]);
  });

  test('are told to end with the agent, and then tell nothing', async () => {
    let told: AbortSignal | undefined;
    const { clock, errands, ended } = setUp({
      'reload-context': (_, signal) => {
        told = signal;
        return new Promise((_resolve, reject) => {
          signal.addEventListener('abort', () => reject(new Error('ended')), { once: true });
        });
      },
    });
    errands.begin([reload('a'), reload('b')]);
    await clock.advance(0);
    const stopped = errands.stop();
    await clock.advance(0);
    await stopped;
    expect([told?.aborted, errands.ends(), ended()]).toEqual([true, [], 0]);
  });
});
