import { describe, expect, test } from 'vitest';
import { decide } from '../../../agent/monitor/decide.ts';
import { catchMutant } from '../../fuzz/policies/catch-mutant.ts';
import { describeHistory } from '../../fuzz/policies/describe-history.ts';
import { makeHistory, runHistory } from '../../fuzz/policies/history.ts';
import { MUTANTS } from '../../fuzz/policies/mutants.ts';
import { RULES } from '../../fuzz/policies/rules/index.ts';
import { createSettings } from '../../fuzz/policies/settings.ts';
import { shrink } from '../../fuzz/policies/shrink.ts';
import { POLICY_COUNTING } from '../../fuzz/policies/tally.ts';

const SETTINGS = createSettings();
const HISTORIES = 400;

test('whatever happens to a VM, every rule holds', { timeout: 60_000 }, () => {
  let events = 0;
  for (let seed = 0; seed < HISTORIES; seed += 1) {
    const history = makeHistory(SETTINGS, seed);
    const course = runHistory(history, decide, RULES);
    events += course.events;
    const { violation } = course;
    const told = violation === undefined ? '' : describeHistory(history, decide, RULES, violation);
    expect(told).toBe('');
  }
  expect(events / HISTORIES).toBeGreaterThan(50);
});

describe('a policy that is broken on purpose', () => {
  test('is there for every rule', () => {
    const broken = new Set(MUTANTS.map(({ breaks }) => breaks));
    expect([...broken].sort()).toEqual(RULES.map(({ name }) => name).sort());
  });

  test.each(MUTANTS.map(mutant => [mutant.breaks, mutant.name, mutant] as const))(
    'breaks %s: %s',
    { timeout: 60_000 },
    (_breaks, _name, mutant) => {
      const tries = { seed: 1, histories: 3000 };
      expect(catchMutant(mutant, decide, SETTINGS, tries)).toBe(true);
    },
  );

  test('is told by a short history that people can read, and that is always the same', () => {
    const rule = RULES.find(({ name }) => name === 'no-pilot-after-drain');
    const mutant = MUTANTS.find(({ breaks }) => breaks === rule?.name);
    if (rule === undefined || mutant === undefined) throw new Error('there is no such rule');
    const broken = mutant.breakIt(decide);
    const seeds = Array.from({ length: HISTORIES }, (_, seed) => seed);
    const explain = (): string => {
      const found = seeds
        .map(seed => makeHistory(SETTINGS, seed))
        .find(history => runHistory(history, broken, [rule]).violation !== undefined);
      if (found === undefined) throw new Error('no history breaks the rule');
      const small = shrink(found, broken, rule);
      expect(small.happenings.length).toBeLessThan(8);
      const { violation } = runHistory(small, broken, [rule]);
      return violation === undefined ? '' : describeHistory(small, broken, [rule], violation);
    };
    const told = explain();
    expect(told).toMatch(/^no-pilot-after-drain: pilot \S+ is started\n/);
    expect(told).toMatch(/order \(kind drain,/);
    expect(explain()).toBe(told);
  });
});

describe('a run', () => {
  const { empty, add, lose, complaints, result } = POLICY_COUNTING;
  const caught = MUTANTS.map(({ name }) => name);
  const report = { histories: 10, events: 600, violations: [], caught };

  test('that caught every mutant and found nothing passes', () => {
    const tally = add(empty, report);
    expect(complaints(tally)).toEqual([]);
    expect(result(tally, 1000)).toEqual({
      histories: 10,
      meanEvents: 60,
      violations: 0,
      mutantsCaught: MUTANTS.length,
      mutants: MUTANTS.length,
    });
  });

  test.each([
    [{ violations: ['x'] }, '1 violations'],
    [{ events: 400 }, 'fewer than 50 events each'],
    [{ caught: caught.slice(1) }, expect.stringContaining(`catches: ${caught[0]}`)],
  ])('with %j fails', (change, complaint) => {
    expect(complaints(add(empty, { ...report, ...change }))).toEqual([complaint]);
  });

  test('that lost a worker fails', () => {
    expect(complaints(lose(add(empty, report), 'hang'))).toEqual(['1 workers were lost']);
  });
});
