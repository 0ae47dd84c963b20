/** What a benchmark has found: one flat object, so that runs can be compared line by line. */
export type BenchResult = Readonly<Record<string, unknown>> & { bench: string };

export interface BenchPorts {
  /** For whoever waits: what is being done now. */
  say(line: string): void;
  signal: AbortSignal;
}

/** One benchmark. It informs and never fails for being slow; it fails if it could not measure. */
export interface Bench {
  name: string;
  /** What it measures, and about how long that takes. */
  describe: string;
  run(ports: BenchPorts): Promise<BenchResult>;
}
