import { type Fuzzer, REPORT_MS } from './fuzzer.ts';
import type { InputReport } from './input-tally.ts';

/** What became of one input. */
export interface Verdict {
  accepted: boolean;
  /** The codes of the refusal; none where it was accepted. */
  codes: readonly string[];
}

/** One thing that is fed with inputs, each of which it accepts or refuses. */
export interface InputFuzzer {
  /** The closed set of codes that a refusal may have; a run has to reach all of them. */
  codes: readonly string[];
  /** The same inputs for the same seed and batch. */
  inputs(seed: number, batch: number): readonly Buffer[];
  /** @throws whatever is no orderly refusal: that is a crash */
  judge(input: Buffer): Verdict;
}

/** An input that takes more of a processor's time hangs. */
export const HANG_MS = 2000;
const SHOWN_BYTES = 2048;

const describe = (error: unknown, input: Buffer): string => {
  const what = error instanceof Error ? (error.stack ?? error.message) : error;
  return `${what}\ninput, ${input.length} bytes: ${input.subarray(0, SHOWN_BYTES).toString('base64')}`;
};

/** Judges one batch of inputs after the other. */
export const fuzzInputs = ({ codes: known, inputs, judge }: InputFuzzer): Fuzzer<InputReport> => ({
  work: (seed, batch, report) => {
    let part = { inputs: 0, accepted: 0 };
    let codes = new Set<string>();
    let crashes: string[] = [];
    let hangs: string[] = [];
    const flush = (): void => {
      const peakMb = Math.round(process.resourceUsage().maxRSS / 1024);
      report({ ...part, known, codes: [...codes], crashes, hangs, peakMb });
      part = { inputs: 0, accepted: 0 };
      hangs = [];
      codes = new Set();
      crashes = [];
    };
    let reportedMs = performance.now();
    for (const input of inputs(seed, batch)) {
      const before = process.cpuUsage();
      try {
        const verdict = judge(input);
        if (verdict.accepted) part.accepted += 1;
        for (const code of verdict.codes) codes.add(code);
      } catch (error) {
        crashes.push(describe(error, input));
      }
      part.inputs += 1;
      // Of the processor's time, not of the clock's: others may want the machine too.
      const { user, system } = process.cpuUsage(before);
      const tookMs = Math.round((user + system) / 1000);
      if (tookMs > HANG_MS) hangs.push(describe(`${tookMs} ms`, input));
      const endedMs = performance.now();
      if (endedMs - reportedMs > REPORT_MS) {
        flush();
        reportedMs = endedMs;
      }
    }
    flush();
  },
});
