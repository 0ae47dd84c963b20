import { decide } from '../../../agent/monitor/decide.ts';
import { type Fuzzer, REPORT_MS } from '../fuzzer.ts';
import { catchMutant } from './catch-mutant.ts';
import { describeHistory } from './describe-history.ts';
import { type History, makeHistory, runHistory } from './history.ts';
import { MUTANTS } from './mutants.ts';
import { mix } from './random.ts';
import { RULES } from './rules/index.ts';
import { createSettings, type Setting } from './settings.ts';
import { shrink } from './shrink.ts';
import type { PolicyReport } from './tally.ts';

/** Histories of one batch. */
const BATCH = 500;
/** As long as a mutant is not caught, so many are tried in each of its turns. */
const TRIED = 200;
/** Shrinking takes a while; what is found more often is mostly the same. */
const SHOWN = 3;

const explain = (history: History, name: string): string => {
  const rules = RULES.filter(rule => rule.name === name);
  const [rule] = rules;
  const small = rule === undefined ? history : shrink(history, decide, rule);
  const { violation } = runHistory(small, decide, rules);
  return violation === undefined ? name : describeHistory(small, decide, rules, violation);
};

const createFuzzer = (settings: readonly Setting[]): Fuzzer<PolicyReport> => {
  const caught = new Set<string>();
  let shown = 0;

  /** One mutant a batch, in turn. */
  const tryMutant = (seed: number, batch: number): string[] => {
    const mutant = MUTANTS[batch % MUTANTS.length];
    if (mutant === undefined || caught.has(mutant.name)) return [];
    const tries = { seed: mix(seed, batch, 2), histories: TRIED };
    if (!catchMutant(mutant, decide, settings, tries)) return [];
    caught.add(mutant.name);
    return [mutant.name];
  };

  return {
    work: (seed, batch, report) => {
      report({ histories: 0, events: 0, violations: [], caught: tryMutant(seed, batch) });
      let part = { histories: 0, events: 0 };
      let violations: string[] = [];
      let reportedMs = performance.now();
      for (let index = 0; index < BATCH; index += 1) {
        const history = makeHistory(settings, mix(seed, batch, index));
        const { events, violation } = runHistory(history, decide, RULES);
        part.histories += 1;
        part.events += events;
        if (violation !== undefined) {
          const { rule, told } = violation;
          violations.push(shown < SHOWN ? explain(history, rule) : `${rule}: ${told}`);
          shown += 1;
        }
        const nowMs = performance.now();
        if (nowMs - reportedMs < REPORT_MS && index < BATCH - 1) continue;
        report({ ...part, violations, caught: [] });
        part = { histories: 0, events: 0 };
        violations = [];
        reportedMs = nowMs;
      }
    },
  };
};

/** The policies, and all that decides beside them: the real reducer in a modelled VM. */
export const fuzzer = createFuzzer(createSettings());
