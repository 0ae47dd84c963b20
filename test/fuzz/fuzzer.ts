/** One thing that is fuzzed, batch by batch. It is loaded in a process of its own. */
export interface Fuzzer<Part> {
  /**
   * Works through one batch, the same for the same seed, so that what was found can be found again. What parts of it
   * came to is reported as often as time passes: a fuzzer that is silent for long is taken for one that hangs.
   */
  work(seed: number, batch: number, report: (part: Part) => void): void;
}

/** How the parent counts what its workers report. Pure. */
export interface Counting<Part, Tally> {
  readonly empty: Tally;
  add(tally: Tally, part: Part): Tally;
  /** A worker hung and was killed, or died. */
  lose(tally: Tally, how: 'hang' | 'crash'): Tally;
  /** What was found, for people; each is told with its seed and batch. */
  findings(part: Part): readonly string[];
  /** What is printed at the end, in its order. */
  result(tally: Tally, tookMs: number): Readonly<Record<string, number>>;
  /** Why the run has failed, one line each; nothing where it passed. */
  complaints(tally: Tally): readonly string[];
}

/** Between two reports, ms. */
export const REPORT_MS = 200;
