import type { Counting } from '../fuzzer.ts';
import { MUTANTS } from './mutants.ts';

/** What a batch of histories, or part of it, came to. */
export interface PolicyReport {
  histories: number;
  events: number;
  /** Each with its history, as short as it could be made. */
  violations: readonly string[];
  /** Mutants that a rule has noticed. */
  caught: readonly string[];
}

export interface PolicyTally {
  histories: number;
  events: number;
  violations: number;
  caught: ReadonlySet<string>;
  lost: number;
}

/** Fewer events would not lead to much. */
const FEWEST_EVENTS = 50;

const meanEvents = ({ events, histories }: PolicyTally): number =>
  histories === 0 ? 0 : Math.round((events / histories) * 10) / 10;

/** Histories in which rules hold, and broken policies of which each has to break one. */
export const POLICY_COUNTING: Counting<PolicyReport, PolicyTally> = {
  empty: { histories: 0, events: 0, violations: 0, caught: new Set(), lost: 0 },
  add: (tally, { histories, events, violations, caught }) => ({
    ...tally,
    histories: tally.histories + histories,
    events: tally.events + events,
    violations: tally.violations + violations.length,
    caught: new Set([...tally.caught, ...caught]),
  }),
  lose: tally => ({ ...tally, lost: tally.lost + 1 }),
  findings: ({ violations }) => violations,
  result: tally => ({
    histories: tally.histories,
    meanEvents: meanEvents(tally),
    violations: tally.violations,
    mutantsCaught: tally.caught.size,
    mutants: MUTANTS.length,
  }),
  complaints: tally => {
    const missed = MUTANTS.filter(({ name }) => !tally.caught.has(name));
    return [
      ...(tally.violations > 0 ? [`${tally.violations} violations`] : []),
      ...missed.map(({ name, breaks }) => `no history has shown that ${breaks} catches: ${name}`),
      ...(meanEvents(tally) < FEWEST_EVENTS ? [`fewer than ${FEWEST_EVENTS} events each`] : []),
      ...(tally.lost > 0 ? [`${tally.lost} workers were lost`] : []),
    ];
  },
};
