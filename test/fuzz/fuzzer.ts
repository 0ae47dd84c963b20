/** What became of one input. */
export interface Verdict {
  accepted: boolean;
  /** The codes of the refusal; none where it was accepted. */
  codes: readonly string[];
}

/** One thing that is fed with inputs. It is loaded in a process of its own. */
export interface Fuzzer {
  name: string;
  /** The closed set of codes that a refusal may have; a run has to reach all of them. */
  codes: readonly string[];
  /** The same inputs for the same seed and batch, so that what was found can be found again. */
  inputs(seed: number, batch: number): readonly Buffer[];
  /** @throws whatever is no orderly refusal: that is a crash */
  judge(input: Buffer): Verdict;
}

/** Every fuzzer, by name → the module that exports it as `fuzzer`. */
export const FUZZERS: Readonly<Record<string, URL>> = {
  context: new URL('./context/fuzzer.ts', import.meta.url),
};

/** An input that takes more of a processor's time hangs. */
export const HANG_MS = 2000;
/** No worker may need more, MB of resident memory. */
export const PEAK_MB = 200;
