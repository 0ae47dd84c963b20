import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { later, type Moment } from '../../../../agent/moment.ts';
import type { Answer } from '../../../../agent/pilot/answer.ts';
import {
  isStuck,
  type Signs,
  type Standstill,
  stirred,
  turnStandstill,
} from '../../../../agent/pilot/progress.ts';
import { FAILED, measured, NO_DATA } from '../../../../agent/reading.ts';

const T0: Moment = { bootId: 'b', monotonicMs: 5000, wallMs: 0 };
const MINUTE = 60_000;
const POLICY = { after: 60 * MINUTE, cores: 0.01 };
const QUIET: Signs = {
  cpuMs: measured(1000),
  tasks: measured(3),
  outputBytes: measured(500),
  answer: { payloads: measured(1), said: 'busy' },
};
const answer = (more: Partial<Answer>): Partial<Signs> => ({
  answer: { payloads: measured(1), said: 'busy', ...more },
});

/** Looks once a minute; the signs of each look are those of the look before but for what is told. */
const watch = (looks: readonly Partial<Signs>[], everyMs = MINUTE) => {
  let signs = QUIET;
  let standstill: Standstill | undefined;
  let now = T0;
  for (const [index, changed] of looks.entries()) {
    signs = { ...signs, ...changed };
    now = later(T0, index * everyMs);
    standstill = turnStandstill(standstill, signs, now, POLICY);
  }
  return { standstill, now, stuck: isStuck(standstill, now, POLICY) };
};
/** An hour of looks at which nothing happens, but for one in the middle. */
const hourWith = (changed: Partial<Signs>, then: Partial<Signs> = {}) =>
  watch([...Array(30).fill({}), changed, then, ...Array(29).fill({})]);

describe('a pilot', () => {
  test('of which nothing is seen to happen for long enough is stuck, and not before', () => {
    expect(watch(Array(60).fill({})).stuck).toBe(false);
    expect(watch(Array(61).fill({})).stuck).toBe(true);
    expect(hourWith({}).stuck).toBe(true);
  });

  test.each<[string, Partial<Signs>, Partial<Signs>?]>([
    ['prints', { outputBytes: measured(501) }],
    ['has a process more', { tasks: measured(4) }],
    ['has a process less, if only for a moment', { tasks: measured(2) }, { tasks: measured(3) }],
    ['works', { cpuMs: measured(9000) }],
    ['says something else', answer({ said: 'busy 2' })],
    ['starts a payload', answer({ payloadsStarted: 7 })],
    ['ends a payload', answer({ payloads: measured(2) })],
    ['is claimed', answer({ slots: { idle: 0, claimed: 1 } })],
    ['waits for payloads', answer({ payloads: measured(0) }), answer({})],
    ['cannot be asked', answer({ payloads: FAILED }), answer({})],
    ['has an output that cannot be read', { outputBytes: FAILED }, { outputBytes: measured(500) }],
    ['cannot be counted', { tasks: FAILED }, { tasks: measured(3) }],
    ['has a group that cannot be read', { cpuMs: FAILED }, { cpuMs: measured(1000) }],
    ['has no data of its use', { cpuMs: NO_DATA }, { cpuMs: measured(1000) }],
    ['computes on a GPU', { gpus: measured(0.5) }, { gpus: measured(0) }],
    ['has a GPU that cannot be read', { gpus: FAILED }, { gpus: measured(0) }],
    ['counts its use anew', { cpuMs: measured(10) }],
  ])('that %s in between is not', (_what, changed, then = {}) => {
    const { standstill, now, stuck } = hourWith(changed, then);
    expect(stuck).toBe(false);
    expect(now.monotonicMs - (standstill?.since.monotonicMs ?? 0)).toBeLessThanOrEqual(30 * MINUTE);
  });

  test('of a kind or machine that tells little is judged by the rest', () => {
    const few: Partial<Signs> = { tasks: NO_DATA, answer: { payloads: NO_DATA } };
    expect(watch([few, ...Array(60).fill({})]).stuck).toBe(true);
    expect(watch([{ ...few, answer: undefined }, ...Array(60).fill({})]).stuck).toBe(true);
  });

  test('that says it has nothing to do is idle, not stuck', () => {
    expect(watch([answer({ payloads: measured(0) }), ...Array(90).fill({})]).standstill).toBe(
      undefined,
    );
  });

  test('that was not looked at for long is judged anew', () => {
    expect(watch(Array(5).fill({}), 16 * MINUTE).stuck).toBe(false);
    expect(watch(Array(6).fill({}), 14 * MINUTE).stuck).toBe(true);
  });

  test('whose youngest process is younger than its standstill has stood since then', () => {
    const { standstill, now } = hourWith({});
    if (standstill === undefined) expect.fail('it stands still');
    const since = stirred(standstill, 10 * MINUTE, now);
    expect(isStuck(since, now, POLICY)).toBe(false);
    expect(isStuck(since, later(now, 50 * MINUTE), POLICY)).toBe(true);
  });

  test('is stuck by its use alone exactly if it uses less than the context says', () => {
    fc.assert(
      fc.property(
        fc.double({ min: 0, max: 0.05, noNaN: true }),
        fc.integer({ min: 1000, max: 10 * MINUTE }),
        (cores, everyMs) => {
          fc.pre(Math.abs(cores - POLICY.cores) > 1e-6);
          const looks = Array.from(
            { length: Math.ceil(POLICY.after / everyMs) + 1 },
            (_, index) => ({
              cpuMs: measured(1000 + cores * index * everyMs),
            }),
          );
          expect(watch(looks, everyMs).stuck).toBe(cores < POLICY.cores);
        },
      ),
    );
  });

  test('is never stuck sooner than it was watched, whatever is read', () => {
    const reading = fc.oneof(fc.nat(3).map(measured), fc.constant(FAILED), fc.constant(NO_DATA));
    const signs = fc.record({ cpuMs: reading, tasks: reading, outputBytes: reading });
    fc.assert(
      fc.property(fc.array(signs, { maxLength: 120 }), looks => {
        const { stuck } = watch(looks);
        const last = looks.slice(-61);
        const isQuiet =
          last.length === 61 &&
          last.every(({ cpuMs, tasks, outputBytes }) => {
            const unread = [tasks, outputBytes].some(each => !each.ok && each.reason === 'failed');
            return cpuMs.ok && !unread;
          });
        if (stuck) expect(isQuiet).toBe(true);
      }),
    );
  });
});
